"""Whether one more fits into a window: three strategies as functions of what was counted and of now, in microseconds.

``fixed``: a window begins with its first request and ends after its length; then the next request begins another. In
any span as long as the window pass at most 2 n requests.

``sliding``: two windows, the running one and the one before, which counts less the more of the running one has passed
(the sliding-window counter of ``limits``). In any span of `t` up to the window's length pass at most n (1 + t / length)
+ 1 requests, and never more than 2 n; in the long run n per window.

``moving``: the time of each request is kept. In no span as long as the window pass more than n requests.

Where the clock went back, what was counted stays counted and its window begins anew: nothing is locked for longer than
it would be after a request now, and nothing is given twice.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from plexe_auth.limiting.limiter import SECOND, Told
from plexe_auth.model.rate import Window


class Count(NamedTuple):
    """What was counted since `starts_at`, and in the window just before."""

    starts_at: int
    hits: int
    previous: int


class Standing(NamedTuple):
    """How one window stands at an instant.

    Attributes:
        window: which one.
        room: how many more fit; 0 or less: none.
        wait: the microseconds until one more fits, if none comes before.
        ends: the microseconds until more fit than now.
    """

    window: Window
    room: int
    wait: int
    ends: int


def rolled(count: Count | None, length: int, now: int, *, sliding: bool) -> Count:
    """Return what counts at `now`."""
    if count is None:
        return Count(now, 0, 0)
    passed = now - count.starts_at
    if passed < 0:
        return count._replace(starts_at=now)
    if passed < length:
        return count
    if sliding and passed < 2 * length:
        return Count(count.starts_at + length, 0, count.hits)
    return Count(now, 0, 0)


def standing(window: Window, count: Count, now: int, *, sliding: bool) -> Standing:
    """Return how a window stands that was `rolled` to `now`."""
    length = window.seconds * SECOND
    passed = now - count.starts_at
    room = window.count - count.hits - count.previous * (length - 1 - passed) // length
    wait = 0 if room > 0 else _wait(window, count, passed, sliding=sliding)
    return Standing(window, room, wait, length - passed)


def _wait(window: Window, count: Count, passed: int, *, sliding: bool) -> int:
    length = window.seconds * SECOND
    free = window.count - count.hits
    if free > 0:
        return _passed_until(free, count.previous, length) - passed
    # Not in this window; in the next one as soon as enough of this one has faded.
    return length - passed + (_passed_until(window.count, count.hits, length) if sliding else 0)


def _passed_until(free: int, faded: int, length: int) -> int:
    """Return how much of a window has passed when `faded` requests of the one before leave one of `free` places."""
    return max(0, length - -(-free * length // faded))


def moving(window: Window, times: Sequence[int], now: int) -> Standing:
    """Return how a window stands in which requests were counted at `times`: oldest first, and none that has left it."""
    blocking = times[-window.count] if len(times) >= window.count else now
    return moved(window, len(times), times[0] if times else now, blocking, now)


def moved(window: Window, hits: int, oldest: int, blocking: int, now: int) -> Standing:
    """Return the same from what is needed of it: how many, the oldest, and the one that has to leave first."""
    length = window.seconds * SECOND
    room = window.count - hits
    return Standing(window, room, 0 if room > 0 else blocking + length - now, oldest + length - now)


def told(standings: Iterable[Standing], cost: int = 1) -> Told:
    """Return the tally of a request that found the windows like this: it is allowed if all have room for its cost."""
    known = list(standings)
    nearest = min(known, key=_nearness)
    if nearest.room >= cost:
        return Told(True, nearest.room - cost, whole_seconds(nearest.ends), 0, nearest.window)
    worst = max(known, key=_longing)
    seconds = whole_seconds(worst.wait)
    return Told(False, 0, seconds, seconds, worst.window)


def _nearness(one: Standing) -> tuple[int, int]:
    return one.room, -one.ends


def _longing(one: Standing) -> int:
    return one.wait


def whole_seconds(microseconds: int) -> int:
    """Return the seconds, rounded up, and at least 1: who comes back after them does not come too early."""
    return max(1, -(-microseconds // SECOND))
