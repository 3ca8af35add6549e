"""Things that are compared are run in turns, so that whatever else the machine does falls on all of them alike.

Each turn has an order of its own: what has just run leaves its code and its data in the processor's caches, and would
else always help the same one.
"""

import gc
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

Call = Callable[[], object]
AsyncCall = Callable[[], Awaitable[object]]
C = TypeVar("C")

_WARM_UP = 0.05  # the share of turns that is thrown away: caches fill, and CPython specialises what it runs often


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one thing took, in microseconds."""

    name: str
    median: float
    p99: float

    def shared(self, count: int) -> "Timing":
        """Return how long one of `count` took that were timed together."""
        return Timing(self.name, self.median / count, self.p99 / count)


def timing(name: str, nanoseconds: Iterable[float]) -> Timing:
    """Return the timing that samples add up to."""
    ordered = sorted(nanoseconds)
    return Timing(name, statistics.median(ordered) / 1000, ordered[int(len(ordered) * 0.99)] / 1000)


def interleaved(subjects: Mapping[str, Call], turns: int, *, batch: int = 1, lead: int = 0) -> list[Timing]:
    """Return how long each subject takes.

    Args:
        subjects: what is called.
        turns: so many samples of each.
        batch: a sample is the mean of so many calls: small things need many.
        lead: a sample comes after so many calls that do not count, which bring back into the processor's caches what
            the others have driven out. Without any, a small thing costs what it costs to come after a large one.
    """
    samples: dict[str, list[float]] = {name: [] for name in subjects}
    with _undisturbed():
        for turn in _turns(subjects, turns):
            for name, call in turn:
                for _ in range(lead):
                    call()
                began = time.perf_counter_ns()
                for _ in range(batch):
                    call()
                samples[name].append((time.perf_counter_ns() - began) / batch)
    return _timings(samples, turns)


async def interleaved_async(
    subjects: Mapping[str, AsyncCall], turns: int, *, batch: int = 1, lead: int = 0
) -> list[Timing]:
    """Return how long each subject takes to be awaited; see `interleaved`."""
    samples: dict[str, list[float]] = {name: [] for name in subjects}
    with _undisturbed():
        for turn in _turns(subjects, turns):
            for name, call in turn:
                for _ in range(lead):
                    await call()
                began = time.perf_counter_ns()
                for _ in range(batch):
                    await call()
                samples[name].append((time.perf_counter_ns() - began) / batch)
    return _timings(samples, turns)


def _turns(subjects: Mapping[str, C], turns: int) -> Iterator[list[tuple[str, C]]]:
    """Give the subjects in another order for each turn, and in the same ones in each run."""
    order, dice = list(subjects.items()), random.Random(0)
    for _ in range(turns):
        dice.shuffle(order)
        yield order


def _timings(samples: Mapping[str, list[float]], turns: int) -> list[Timing]:
    skipped = int(turns * _WARM_UP)
    return [timing(name, sample[skipped:]) for name, sample in samples.items()]


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.collect()
    gc.freeze()  # what was there before is not looked through again and again; what is made meanwhile is
    try:
        yield
    finally:
        gc.unfreeze()
