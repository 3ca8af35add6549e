"""A cache of very many keys: what a look into it takes, how long the collector stops for it, how much memory it has."""

import gc
import hashlib
import multiprocessing
import random
import resource
import time
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.finding import Finding, Ratio, Sheet
from benchmarks.interleaving import Timing, interleaved
from benchmarks.locking import locked
from benchmarks.stock import Texts
from plexe_auth import Auth, Settings
from plexe_auth.cache.known import BETWEEN, plain
from plexe_auth.service.telling import END

TURNS, BATCH, HOT = 4_000, 10, 100
PERMISSION = "models:read"
HOT_GOAL, ALL_GOAL, PAUSE_GOAL, MEMORY_GOAL = 1.2, 2.0, 5.0, 420.0
FLOOR, FEW, ALL = "SHA-256 of the key", f"one of {HOT} hot keys", "any remembered key"
LEAST = "any key in a plain dictionary"  # named and looked up, and nothing else
TOLD = "the same, and its line and principal made"
_TELLING = 10_000  # with fewer keys, their memory is lost in what else the process does
_ENTRIES = 20_000
_HALVES = 2  # a cache keeps half its entries for certain: it drops the older of two generations


@dataclass(frozen=True, slots=True)
class Remembered:
    """What one process found: times in µs, collections in ms, bytes for each key."""

    count: int
    timings: list[Timing]
    collection: float
    longest: float
    bytes_each: float

    def floors(self, name: str) -> float:
        """Return what something takes in floors."""
        medians = {one.name: one.median for one in self.timings}
        return medians[name] / medians[FLOOR]


def remembering(files: dict[int, Path], effort: Effort) -> list[Finding]:
    """Return what a cache of a thousand keys and one of very many take, each in a process of its own."""
    turns, (smallest, largest) = effort.turns(TURNS), (min(files), max(files))
    few = _apart(files[smallest], smallest - 1, turns)
    many = _apart(files[largest], min(largest - 1, effort.remembered), turns)
    rows = [_row(size, one) for size, one in ((smallest, few), (largest, many))]
    heads = (
        "keys stored",
        "remembered",
        "hot × SHA-256",
        "any × SHA-256",
        "any, the least",
        "and told",
        "full collection, ms",
        "longest pause, ms",
        "bytes a key",
    )
    how = (
        "One process for each; every key was verified once and is remembered, then verified in random order, while "
        "nothing is stored. The least is the same key named and looked up in a plain dictionary of as many: what the "
        "processor's caches do not hold takes its time whatever is done with it. The floor is what any of the many "
        "would take if only that grew dearer. What is told of a key that comes once, its principal and its line, is "
        "made of what is packed; the few have it ready."
    )
    return [Finding("Very many keys remembered", how, sheets=[Sheet(heads, rows, names=0)], ratios=_ratios(few, many))]


def _floor(few: Remembered, many: Remembered) -> float:
    """Return how many times as much one of many would take if only a plain dictionary grew dearer."""
    return 1 + (many.floors(LEAST) - few.floors(LEAST)) / few.floors(ALL)


def _row(size: int, one: Remembered) -> tuple[str, ...]:
    figures = (
        f"{one.floors(FEW):.1f}",
        f"{one.floors(ALL):.1f}",
        f"{one.floors(LEAST):.1f}",
        f"{one.floors(TOLD):.1f}",
        f"{one.collection:.2f}",
        f"{one.longest:.2f}",
    )
    memory = f"{one.bytes_each:,.0f}" if one.count >= _TELLING else ""
    return (f"{size:,}", f"{one.count:,}", *figures, memory)


def _ratios(few: Remembered, many: Remembered) -> list[Ratio]:
    between = f"{many.count:,} ÷ {few.count:,}"
    return [
        Ratio(f"{FEW}, {between} remembered", many.floors(FEW) / few.floors(FEW), HOT_GOAL),
        Ratio(f"{ALL}, {between} remembered", many.floors(ALL) / few.floors(ALL), ALL_GOAL, floor=_floor(few, many)),
        Ratio("ms that a full collection takes for the cache", many.collection, PAUSE_GOAL),
        Ratio("ms of the longest collection while it filled, the log's among them", many.longest),
        Ratio("bytes for each remembered key", many.bytes_each, MEMORY_GOAL),
    ]


def _apart(file: Path, count: int, turns: int) -> Remembered:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        return apart.submit(remember, file, count, turns).result()


def remember(file: Path, count: int, turns: int) -> Remembered:
    """Remember the first so many keys, and measure."""
    texts = Texts(file.with_suffix(".texts"))
    with Auth.open(f"sqlite:///{file}", settings=Settings(cache_entries=_HALVES * count)) as auth:
        for _ in range(_ENTRIES):  # the access log has its buffers, and its thread, before memory is looked at
            auth.keys.verify(texts[0], permission=PERMISSION)
        auth.log.flush()
        gc.collect()
        gc.freeze()  # from here on the collector goes through nothing but what the cache brings
        memory = _resident()
        with _pauses() as pauses:
            for place in range(count):
                auth.keys.verify(texts[place], permission=PERMISSION)
        auth.log.flush()  # what waits to be stored is not the cache's
        collection, each = _collection(), (_resident() - memory) / count
        with locked(file):
            timings = interleaved(_subjects(auth, texts, count), turns, batch=BATCH)
    return Remembered(count, timings, collection, max(pauses, default=0.0), each)


def _subjects(auth: Auth, texts: Texts, count: int) -> dict[str, Callable[[], object]]:
    order = array("l", range(count))
    random.Random(count).shuffle(order)
    hot, every, first = cycle(order[:HOT]).__next__, cycle(order).__next__, texts[0].encode()
    sha256, named, now = hashlib.sha256, auth.world.cache.named, auth.world.nanoseconds
    found = {named(texts[place].encode()).digest(): _packed(place) for place in range(count)}
    return {
        FEW: lambda: auth.keys.verify(texts[hot()], permission=PERMISSION),
        ALL: lambda: auth.keys.verify(texts[every()], permission=PERMISSION),
        LEAST: lambda: found[named(texts[every()].encode()).digest()],
        TOLD: lambda: plain(found[named(texts[every()].encode()).digest()], PERMISSION, now() // 1000, END),
        FLOOR: lambda: sha256(first).digest(),
    }


def _packed(place: int) -> str:
    """Return what is remembered of such a key."""
    return BETWEEN.join((f"acct_{place:07}", f"key_{place:022}", "read"))


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _collection() -> float:
    """Return how many milliseconds a full collection takes, when nothing else disturbs it."""
    with _pauses() as pauses:
        for _ in range(5):
            gc.collect()
    return min(pauses)


@contextmanager
def _pauses() -> Iterator[list[float]]:
    """Give a list that every collection adds its milliseconds to."""
    pauses: list[float] = []
    began = 0.0

    def seen(phase: str, _told: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = time.thread_time()
        else:
            pauses.append((time.thread_time() - began) * 1000)

    gc.callbacks.append(seen)
    try:
        yield pauses
    finally:
        gc.callbacks.remove(seen)
