"""Eight processes verify one key as fast as they can while a ninth takes something away from it, round after round.

    python -m tests.cache.rounds URL [ROUNDS] [MAX_STALENESS_IN_MS]

A verification that begins after the change has returned must be refused. Times are CLOCK_MONOTONIC's, which all
processes of a machine share.

Between rounds the eight store what they have written down, one after the other, and go on together. SQLite lets nobody
queue for its write lock: eight backlogs that are stored without a pause would keep it from the ninth for longer than it
waits.
"""

import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from typing import Any

from plexe_auth import Auth, AuthError, Settings, Unavailable

VERIFIERS = 8
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["plexe_auth", "plexe_auth.storage.sql.opening"])
PATIENCE = 60
CHANGES: tuple[Callable[[Auth, Any], object], ...] = (
    lambda auth, key: auth.keys.revoke(key.id),
    lambda auth, key: auth.keys.disable(key.id),
    lambda auth, key: auth.keys.update(key.id, permissions="jobs:read"),
    lambda auth, key: auth.accounts.suspend(key.account_id),
    lambda auth, key: auth.keys.rotate(key.id, overlap=timedelta(0)),
    lambda auth, key: auth.keys.revoke_all(key.account_id),
)


@dataclass
class Outcome:
    """What was seen.

    Attributes:
        late: verifications that began after the change had returned and were accepted all the same.
        accepted: verifications that were accepted in all.
        spans: how long each change took, in milliseconds.
    """

    late: int = 0
    accepted: int = 0
    spans: list[float] = field(default_factory=list)


class Board:
    """What the processes tell each other, in shared memory."""

    def __init__(self, rounds: int, verifiers: int) -> None:
        self.round: Any = CONTEXT.RawValue("q", 0)
        self.returned: Any = CONTEXT.RawArray("q", rounds + 1)  # when the change of each round had returned
        self.accepted: Any = CONTEXT.RawArray("q", verifiers)  # how many in this round
        self.refused: Any = CONTEXT.RawArray("q", verifiers)  # one more than the last round in which it was refused
        self.late: Any = CONTEXT.RawArray("q", verifiers)
        self.total: Any = CONTEXT.RawArray("q", verifiers)
        self.storing: Any = CONTEXT.Lock()
        self.stored: Any = CONTEXT.Barrier(verifiers, timeout=PATIENCE)


def verifier(number: int, url: str, texts: list[str], staleness: float, board: Board) -> None:
    with Auth.open(url, settings=Settings(max_staleness=timedelta(seconds=staleness))) as auth:
        last = 0
        while (now := board.round.value) < len(texts):
            if now != last:
                last = now
                stored(auth, board)
            began = time.monotonic_ns()
            try:
                auth.keys.verify(texts[now], permission="models:read")
            except Unavailable:
                pass  # neither let in nor told that the key is bad
            except AuthError:
                if 0 < board.returned[now] < began:
                    board.refused[number] = now + 1
            else:
                board.accepted[number] += 1
                board.total[number] += 1
                board.late[number] += 0 < board.returned[now] < began
                if board.late[number]:
                    board.refused[number] = now + 1  # so that the round ends
            os.sched_yield()


def stored(auth: Auth, board: Board) -> None:
    with board.storing:
        auth.log.flush()
    board.stored.wait()


def until(done: Callable[[], bool], processes: list[ForkServerProcess]) -> None:
    limit = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > limit or not all(process.is_alive() for process in processes):
            raise TimeoutError("a verifying process is stuck or gone")
        os.sched_yield()


def played(url: str, rounds: int, staleness: float, verifiers: int = VERIFIERS) -> Outcome:
    """Play that many rounds and return what was seen."""
    with Auth.open(url, settings=Settings(max_staleness=timedelta(seconds=staleness))) as auth:
        issued = [auth.keys.create(f"acct_{number}", name="played") for number in range(rounds)]
        board = Board(rounds, verifiers)
        texts = [one.secret.reveal() for one in issued]
        processes = [
            CONTEXT.Process(target=verifier, args=(number, url, texts, staleness, board)) for number in range(verifiers)
        ]
        for process in processes:
            process.start()
        try:
            spans = [_one_round(auth, number, one.key, board, processes) for number, one in enumerate(issued)]
        finally:
            board.round.value = rounds  # or they would go on for ever
        for process in processes:
            process.join(PATIENCE)
    return Outcome(sum(board.late), sum(board.total), spans)


def _one_round(auth: Auth, number: int, key: Any, board: Board, processes: list[ForkServerProcess]) -> float:
    board.accepted[:] = [0] * len(board.accepted)
    board.round.value = number
    until(lambda: all(count > 1 for count in board.accepted), processes)  # each of them remembers it by now
    began = time.monotonic_ns()
    CHANGES[number % len(CHANGES)](auth, key)
    board.returned[number] = time.monotonic_ns()
    until(lambda: all(last > number for last in board.refused), processes)
    return (board.returned[number] - began) / 1e6


def main(url: str, rounds: str = "200", staleness: str = "250") -> None:
    seen = played(url, int(rounds), int(staleness) / 1000)
    spans = statistics.quantiles(seen.spans, n=20)
    write = sys.stdout.write
    write(f"{len(seen.spans)} rounds, {seen.accepted} accepted, {seen.late} of them too late\n")
    write(
        f"a change took {spans[9]:.0f} ms in the middle, {spans[18]:.0f} ms at 95 %, {max(seen.spans):.0f} ms at most\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
