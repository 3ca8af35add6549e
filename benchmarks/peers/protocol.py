"""What a peer's process and the coordinator say to each other: lines on standard input, JSON on standard output.

A peer sets itself up. On ``warm up`` it does so, and says about how long one verification takes. On ``go N`` it takes N
turns, each of a batch of floors (SHA-256 of a key's text, in this very process), a batch of verifications and a single
verification, and says how many nanoseconds each took. It ends with its standard input. This file runs in every peer's
environment, so it may import the standard library alone.
"""

import gc
import hashlib
import json
import statistics
import sys
from collections.abc import Awaitable, Callable, Generator, Iterable
from time import perf_counter_ns
from typing import Any

Many = Callable[[Iterable[int]], object]  # does the thing once for each turn
ManyAwaited = Callable[[Iterable[int]], Awaitable[object]]

TEXT = "plx_sk_" + "4Rz9" * 11 + "Qe"  # as long as a key of ours
_BATCH_NS = 50_000  # so long that the cost of asking the clock is a thousandth of it
_MOST = 500
_WARM_UP_NS = 50_000_000
_EMPTY_TURNS = 1_000


def configuration(*names: str) -> str:
    """Return which of the configurations of that name was asked for."""
    asked = sys.argv[1] if len(sys.argv) > 1 else names[0]
    if asked not in names:
        raise SystemExit(f"no configuration is called {asked}; there are {', '.join(names)}")
    return asked


def serve(many: Many, text: str = TEXT) -> None:
    """Answer the coordinator until it hangs up. `many` blocks; the floor is SHA-256 of `text`."""
    _finish(serve_awaited(_awaited(many), text))


async def serve_awaited(many: ManyAwaited, text: str = TEXT) -> None:
    """Answer likewise for something that is awaited."""
    if sys.stdin.readline() != "warm up\n":
        return
    floor = _awaited(_floor(text))
    floor_batch, batch, empty = await _batch(floor), await _batch(many), await _empty()
    gc.collect()
    gc.freeze()  # what was there before is not looked through again and again; what is made meanwhile is
    _say({"one": await _took(many, batch), "batch": batch})
    for line in sys.stdin:
        told: dict[str, list[float]] = {"floors": [], "batches": [], "singles": []}
        for _ in range(int(line.removeprefix("go "))):
            told["floors"].append(await _took(floor, floor_batch))
            told["batches"].append(await _took(many, batch))
            told["singles"].append(round(await _took(many, 1) - empty, 1))
        _say(told)


async def _took(many: ManyAwaited, count: int) -> float:
    turns = range(count)
    began = perf_counter_ns()
    await many(turns)
    return round((perf_counter_ns() - began) / count, 1)


async def _batch(many: ManyAwaited) -> int:
    """Return how many make a batch. The first times fill caches, and CPython specialises what it runs often."""
    until, fastest = perf_counter_ns() + _WARM_UP_NS, await _took(many, 3)
    while perf_counter_ns() < until:
        fastest = min(fastest, await _took(many, 3))
    return max(1, min(_MOST, int(_BATCH_NS / fastest)))


async def _empty() -> float:
    """Return what is measured when nothing is done."""

    async def nothing(turns: Iterable[int]) -> None:
        for _ in turns:
            pass

    return statistics.median([await _took(nothing, 1) for _ in range(_EMPTY_TURNS)])


def _floor(text: str) -> Many:
    sha256 = hashlib.sha256

    def many(turns: Iterable[int]) -> None:
        for _ in turns:
            sha256(text.encode()).digest()

    return many


def _awaited(many: Many) -> ManyAwaited:
    async def awaited(turns: Iterable[int]) -> None:
        many(turns)

    return awaited


def _finish(coroutine: Any) -> None:
    # Without an event loop: some blocking libraries refuse to work where one runs.
    running: Generator[object, None, None] = coroutine.__await__()
    for _ in running:
        raise RuntimeError("a blocking peer awaited something")


def _say(what: object) -> None:
    print(json.dumps(what), flush=True)
