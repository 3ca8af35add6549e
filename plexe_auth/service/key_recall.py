"""A key that is remembered as good passes by a plain function: no query, no coroutine, and no refusal.

Whatever is not plainly good here is decided by the store: a permission that is not covered may have been granted since,
and what is refused is told from the row.
"""

import functools
from collections.abc import Callable

from plexe_auth.cache.elapsed import CLOCK, elapsed, elapsed_by
from plexe_auth.cache.known import NEVER, Known, plain
from plexe_auth.clock import system_clock
from plexe_auth.journal.spool import NoRoom
from plexe_auth.limiting.limiter import Asked, Tally
from plexe_auth.model.network import address, contains
from plexe_auth.model.principal import Principal
from plexe_auth.world import World

Accepted = tuple[Principal, Tally | None]  # who was accepted, and how the rates stand, where there are any
HitNow = Callable[[str, str, int], Tally]
Passed = Callable[[bytes, str | None, str | None, str, str | None], Accepted | None]

_UNSIGHTED = 1.0  # seconds for which nobody looks at the calendar, whose time may be set anew
_SECOND = 1_000_000


def passing(world: World, length: int) -> Passed:  # noqa: C901 - see below
    """Return the function that accepts a key at once, by its text of `length` bytes, or returns ``None``.

    It takes the text, the permission and address it has to be good for, the rest of its line in the access log from
    where it says where that was, and a rate to keep besides its own. Whom it accepts it has counted and written down;
    what it does not accept it leaves to the long way. So should its caller, where it raises `TypeError`: other
    arguments were texts. It is one function because each call costs a tenth of the whole.
    """
    named, hot, again, once = world.cache.named, world.cache.hot.get, Again(world).found, passing_once(world)
    hit_now, journal, now = world.limiter.hit_now, world.journal, world.nanoseconds

    def passed(  # noqa: C901 - see above
        text: bytes, permission: str | None, ip: str | None, rest: str, rate: str | None
    ) -> Accepted | None:
        if len(text) != length:
            return None
        known = hot(name := named(text).digest())
        del text  # it must not stand in this frame when it cannot be written down
        if known is None and rate is None and (accepted := once(name, permission, rest)) is not None:
            return accepted
        if known is None or elapsed_by(CLOCK) >= known.until or permission not in known.granted:
            known = again(name, () if permission is None else (permission,), ip)
            if known is None:
                return None
        at, own = now(), known.rate
        if own is None and rate is None:
            tally = None
        elif hit_now is None or not (own is None or rate is None):
            return None  # several are counted together or not at all
        elif (
            (tally := known.tally) is None
            or (held := tally.held).rate != (own or rate)
            or not held.begins <= at < held.ends
            or next(held.places, None) is None
        ) and not (tally := _counted(known, hit_now, rate, at)).allowed:
            return None
        line, pen = f"{at}{known.line}{rest}".encode(), journal.pen  # whoever stores it divides
        try:
            pen.write(line)
            if pen.asleep:
                pen.wake()
        except NoRoom:
            journal.write(line)
        return known.accepted if tally is None else (known.principal, tally)

    return passed


def _counted(known: Known, hit_now: HitNow, rate: str | None, at: int) -> Tally:
    """Return how the one rate of a key stands that was counted now, and remember that, so far as it may be used."""
    own = known.rate
    tally = hit_now(gated(known), rate or "", at) if own is None else hit_now(known.family, own, at)
    if tally.allowed:
        known.tally = tally
    return tally


def passing_once(world: World) -> Callable[[bytes, str | None, str], Accepted | None]:
    """Return the function that accepts a plain key by its name in the cache, if that did not come of late, or ``None``.

    Where very many keys come, each now and then, to make an object of each and drop it is a seventh of the whole.
    """
    epoch, first, came = world.epoch, world.cache.first, world.cache.came
    journal, now = world.journal, world.nanoseconds

    def once(name: bytes, permission: str | None, rest: str) -> Accepted | None:
        if elapsed_by(CLOCK) >= epoch.until or (packed := first(name)) is None:
            return None
        found = plain(packed, permission, now() // 1000, rest)
        if found is None:
            return None
        came(name)
        principal, line = found
        journal.write(line.encode())
        return principal, None

    return once


def rates(known: Known, rate: str | None) -> list[Asked]:
    """Return the rates that a key has to keep: its own, and one besides."""
    own = [] if known.rate is None else [Asked(known.family, known.rate)]
    return own if rate is None else [*own, Asked(gated(known), rate)]


def gated(known: Known) -> str:
    """Return the bucket of the rate that a policy sets for a key."""
    return "gate:" + known.family


class Again:
    """Finds a key that is remembered but has to be looked at more closely."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cache = world.cache
        self._hot, self._taken_up = world.cache.hot.get, world.cache.take_up
        self._epoch = world.epoch
        self._nanoseconds = world.nanoseconds
        self._is_system = world.clock is system_clock

    def found(self, name: bytes, permissions: tuple[str, ...], ip: str | None) -> Known | None:
        """Return the key of that name if the cache may be believed and the key is good for all of this."""
        epoch = self._epoch
        if elapsed() >= epoch.until and not (self._cache.holds(name) and epoch.at_a_glance()):
            return None
        known = self._hot(name)
        if known is None or known.ends != NEVER:
            at = self._nanoseconds() // 1000
            known = self._taken_up(name, at)
            if known is None or known.ends <= at:
                return None
            known.until = epoch.until if known.ends == NEVER else self._until((known.ends - at) / _SECOND)
        else:
            known.until = epoch.until
        if known.allowed_ips and not _may_come(known.allowed_ips, ip):
            return None
        for permission in permissions:
            if permission not in known.granted and not known.covers(permission):
                return None
        return known

    def _until(self, left: float) -> float:
        # A clock of the host's own may leap: then each request looks at it.
        return min(self._epoch.until, elapsed() + min(left, _UNSIGHTED)) if self._is_system else 0.0


@functools.lru_cache(maxsize=4096)
def _may_come(allowed: tuple[str, ...], ip: str | None) -> bool:
    client = address(ip)
    return client is not None and contains(allowed, client)
