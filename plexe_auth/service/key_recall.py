"""A key that is remembered as good is found again by a plain function: no query, no coroutine, and no refusal.

Whatever is not plainly good here is decided by the store: a permission that is not covered may have been granted since,
and what is refused is told from the row.
"""

import functools
from collections.abc import Callable
from hashlib import sha256

from plexe_auth.cache.elapsed import elapsed
from plexe_auth.cache.known import NEVER, Known
from plexe_auth.clock import system_clock
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.network import address, contains
from plexe_auth.world import World

Recall = Callable[[str, str | None, str | None], Known | None]

_UNSIGHTED = 1.0  # seconds for which nobody looks at the calendar, whose time may be set anew
_SECOND = 1_000_000


def recall(world: World, length: int) -> Recall:
    """Return the function that finds a key by its text of `length` characters, if it is good for this.

    Other arguments than texts are left to whoever tells what is wrong with them.
    """
    hot, again = world.cache.hot.get, Again(world).found

    def found(text: str, permission: str | None, ip: str | None) -> Known | None:
        try:
            if len(text) != length:
                return None
            name = sha256(text.encode()).digest()
            known = hot(name)
            if known is not None and elapsed() < known.until and permission in known.granted:
                return known
        except (AttributeError, TypeError, UnicodeEncodeError):
            return None
        del text
        return again(name, () if permission is None else (permission,), ip)

    return found


class Again:
    """Finds a key that is remembered but has to be looked at more closely."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cache = world.cache
        self._epoch = world.epoch
        self._is_system = world.clock is system_clock

    def found(self, name: bytes, permissions: tuple[str, ...], ip: str | None) -> Known | None:
        """Return the key of that name if the cache may be believed and the key is good for all of this."""
        if not self._cache.holds(name):
            return None
        if not (elapsed() < self._epoch.until or self._epoch.at_a_glance()):
            return None
        known = self._cache.hot.get(name)
        if known is None or known.ends != NEVER:
            known = self._taken_up(name)
        else:
            known.until = self._epoch.until
        if known is None or (known.allowed_ips and not _may_come(known.allowed_ips, ip)):
            return None
        return known if all(map(known.covers, permissions)) else None

    def _taken_up(self, name: bytes) -> Known | None:
        now = self._world.now()
        known = self._cache.take_up(name, now)
        if known is None:
            return None
        left = known.ends - to_microseconds(now)
        if left <= 0:
            return None
        known.until = self._until(left / _SECOND)
        return known

    def _until(self, left: float) -> float:
        if left == NEVER:
            return self._epoch.until
        # A clock of the host's own may leap: then each request looks at it.
        return min(self._epoch.until, elapsed() + min(left, _UNSIGHTED)) if self._is_system else 0.0


@functools.lru_cache(maxsize=4096)
def _may_come(allowed: tuple[str, ...], ip: str | None) -> bool:
    client = address(ip)
    return client is not None and contains(allowed, client)
