"""Peers that take turns: each in a process of its own, and only one of them works at any moment."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from benchmarks.environments import NotMade
from benchmarks.peers.catalogue import Peer
from benchmarks.peers.result import Result
from benchmarks.peers.running import Failed, Running


def race(peers: Iterable[Peer], *, rounds: int, milliseconds: int) -> list[Result]:
    """Return what each peer took, over so many rounds of about so long each."""
    results = [Result(peer) for peer in peers]
    with _started(results, milliseconds) as running:
        for _ in range(rounds):
            for result, process in running:
                if not result.missing:
                    _one_round(result, process)
    return results


def _one_round(result: Result, process: Running) -> None:
    try:
        result.add(process.round())
    except Failed as reason:
        result.missing = str(reason)


@contextmanager
def _started(results: Iterable[Result], milliseconds: int) -> Iterator[list[tuple[Result, Running]]]:
    running: list[tuple[Result, Running]] = []
    try:
        for result in results:  # they set themselves up side by side
            try:
                running.append((result, Running(result.peer, milliseconds)))
            except NotMade as reason:
                result.missing = str(reason)
        for result, process in running:
            try:
                process.warm_up()
            except Failed as reason:
                result.missing = str(reason)
        yield running
    finally:
        for _result, process in running:
            process.end()
