"""Counts in this process's memory: for one process, for the failure throttle, and where a backend is down.

What was asked for just now lies unpacked in `_hot`; the rest lies packed in two generations, of which the older one is
dropped when the younger has half of what is allowed. A bucket that is asked for moves up, so that a flood of others
never makes it forget its count.

How many more fit for certain, and until when, is worked out once; from then on a request takes one of these places.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from operator import attrgetter, length_hint
from typing import Any

from plexe_auth.limiting.books import Book, Counts, Times
from plexe_auth.limiting.counting import Standing, told
from plexe_auth.limiting.hold import NO_PLACES, Hold
from plexe_auth.limiting.limiter import Asked, Strategy, Tally, Ticks, Told, places
from plexe_auth.model.rate import Window, windows
from plexe_auth.storage.forking import forget_when_forked

BUCKETS = 100_000
_HOT = 4096
_NOWHERE = Window(0, 0)
_SECOND = 1_000_000_000


class Free:
    """A bucket, and what is certainly free in it: the tally of a request that was just counted there.

    Attributes:
        page: what was counted. What was taken of `held` is not on it yet.
        held: what fits for certain.
        policy: which window will be full first.
        taken: how many places of the last hold were.
    """

    __slots__ = ("_ticks", "held", "page", "policy", "taken")

    allowed = True
    retry_after = 0

    def __init__(self, page: dict[int, Any], ticks: Ticks) -> None:
        self._ticks = ticks
        self.page: dict[int, Any] = page
        self.policy: Window = _NOWHERE
        self.held: Hold = NO_PLACES
        self.taken: int = 0

    def stands(self) -> tuple[int, int]:
        """See `Tally`."""
        held, ticks = self.held, self._ticks
        left = held.ends - ticks()
        return held.beyond + length_hint(held.places), -(-left // _SECOND) if left > 0 else 1


class MemoryLimiter:
    """A `Limiter` in memory, for as many threads as you like.

    Args:
        ticks: what tells the time.
        strategy: how it counts.
        buckets: how many it may remember.
    """

    def __init__(self, ticks: Ticks, strategy: Strategy = "sliding", buckets: int = BUCKETS) -> None:
        self._ticks = ticks
        self._book: Book[Any] = Times() if strategy == "moving" else Counts(sliding=strategy == "sliding")
        self._counts_ahead = strategy != "moving"  # which needs to know when each request was
        self._most_hot = min(_HOT, max(1, buckets // 4))
        self._half = max(1, (buckets - self._most_hot) // 2)
        self._hot: OrderedDict[str, Free] = OrderedDict()
        self._young: dict[str, bytes] = {}
        self._old: dict[str, bytes] = {}
        self.forget()
        forget_when_forked(self)

    def forget(self) -> None:
        """In a forked child: a thread that held the lock does not exist here. Counts stay."""
        self._lock = threading.Lock()
        self.hit_now: Callable[[str, str, int], Tally] = self._hitting()

    async def hit(self, *asked: Asked) -> Tally:
        """See `Limiter`."""
        once = dict.fromkeys(asked)
        if len(once) == 1:
            return self.hit_now(*asked[0], self._ticks())
        with self._lock:
            return self._all_or_none(once)

    def peek(self, bucket: str, rate: str) -> Tally:
        """Return the tally that a request would have, without counting it."""
        with self._lock:
            now, free = self._now(), self._of(bucket)
            self._settle(free, now)
            tally = told(self._standings(free, rate, now))
            self._shrink()
            return tally

    async def close(self) -> None:
        """See `Limiter`."""

    def _hitting(self) -> Callable[[str, str, int], Tally]:
        hot, lock, slowly = self._hot.get, self._lock, self._slowly

        def hit_now(bucket: str, rate: str, at: int) -> Tally:
            free = hot(bucket)
            if free is not None:
                held = free.held
                if held.rate == rate and held.begins <= at < held.ends and next(held.places, None) is not None:
                    return free
            with lock:
                return slowly(bucket, rate)

        return hit_now

    def _slowly(self, bucket: str, rate: str) -> Tally:
        now, free = self._now(), self._of(bucket)  # the time as it is now that nobody else counts
        self._settle(free, now)
        standings = self._standings(free, rate, now)
        tally = told(standings)
        if tally.allowed:
            for seconds in {one.window.seconds for one in standings}:
                self._book.take(free.page, seconds, now)
            self._work_out(free, rate, now, standings, taken=1)
        self._shrink()
        return tally

    def _all_or_none(self, asked: dict[Asked, None]) -> Told:
        now = self._now()
        found = {bucket: self._of(bucket) for bucket, _rate in asked}
        for free in found.values():
            self._settle(free, now)
        wanted = places(asked)
        tally = told([self._book.look(found[bucket].page, window, now) for bucket, window in wanted])
        if tally.allowed:
            for bucket, window in wanted:
                self._book.take(found[bucket].page, window.seconds, now)
            for bucket, rate in asked:
                self._work_out(found[bucket], rate, now, self._standings(found[bucket], rate, now), taken=0)
        self._shrink()
        return tally

    def _now(self) -> int:
        return self._ticks() // 1000

    def _settle(self, free: Free, now: int) -> None:
        """Put onto the page what was counted down."""
        held, free.held = free.held, NO_PLACES
        if held.given:
            free.taken = held.end()
            for seconds in {window.seconds for window in windows(held.rate)}:
                self._book.take(free.page, seconds, now, free.taken)

    def _standings(self, free: Free, rate: str, now: int) -> list[Standing]:
        return [self._book.look(free.page, window, now) for window in windows(rate)]

    def _work_out(self, free: Free, rate: str, now: int, standings: list[Standing], taken: int) -> None:
        if self._counts_ahead:
            nearest = min(standings, key=_room)
            free.policy = nearest.window
            ends = now + min(one.ends for one in standings)
            free.held = Hold(rate, now * 1000, ends * 1000, nearest.room - taken, free.taken)

    def _of(self, bucket: str) -> Free:
        free = self._hot.get(bucket)
        if free is None:
            data = self._young.pop(bucket, None) or self._old.pop(bucket, b"")
            free = self._hot[bucket] = Free(self._book.unpacked(data), self._ticks)
        return free

    def _shrink(self) -> None:
        while len(self._hot) > self._most_hot:
            bucket, free = self._hot.popitem(last=False)
            self._settle(free, self._now())
            if len(self._young) >= self._half:
                self._young, self._old = {}, self._young
            self._young[bucket] = self._book.packed(free.page)


_room = attrgetter("room")
