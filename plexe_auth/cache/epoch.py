"""When a change that narrows something has returned, no process anywhere believes what was true before.

Every change to a good credential counts the epoch up in its own commit. A process believes its cache for at most
`staleness` after it began its last look at the epoch, and says so in the epoch's row before it believes anything;
whoever narrows something waits that long after the commit. Nobody has to be told, so nobody can be missed: a process
that was frozen or cut off finds its look overdue. Where a store can tell at a glance that nothing was committed, every
look can be made anew; where nobody else can change a row, there is nobody to wait for.
"""

import math
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from plexe_auth.cache.cache import Cache
from plexe_auth.cache.elapsed import Pause, elapsed
from plexe_auth.cache.known import NEVER
from plexe_auth.errors import Unavailable
from plexe_auth.rows import Add, Change, Ensure, Greatest, Row, Update, equal
from plexe_auth.storage.store import AsyncStore

KEYS, SESSIONS = "credentials", "sessions"  # each has its own, so that who signs out has nobody look up keys anew

_SECOND = 1_000_000
_MARGIN = 1.01  # clocks of two hosts do not run equally fast


class Epoch:
    """What one process knows of an epoch, and until when it believes its cache.

    Attributes:
        until: the elapsed time until which the cache is believed.
        count_up: the changes that a commit that narrows something has to make besides.
    """

    def __init__(self, store: AsyncStore, name: str, cache: Cache[Any], staleness: float, pause: Pause) -> None:
        self._name = name
        self._here = (equal("id", name),)
        self._beginning = Ensure("epochs", {"id": name, "value": 0, "staleness": 0})
        self.count_up: tuple[Change, ...] = (self._beginning, Update("epochs", self._here, {"value": Add(1)}))
        self._store = store
        self._cache = cache
        self._staleness = staleness
        self._announced = math.ceil(staleness * _SECOND)
        self._pause = pause
        self._glance: Callable[[], object] = getattr(store, "glance", None) or _nothing
        self._neighbours: WeakSet[Any] | None = getattr(store, "caches", None)
        if self._neighbours is not None:
            self._neighbours.add(cache)
        can_believe = staleness > 0 or self._glance is not _nothing or self._neighbours is not None
        self._is_of_use = can_believe and cache.entries > 0
        self.forget()

    def forget(self) -> None:
        """Know nothing, as a forked child does."""
        self._seen: int | None = None
        self._glanced: object = None
        self.until: float = 0.0 if self._neighbours is None else NEVER

    def at_a_glance(self) -> bool:
        """Tell whether the store shows without delay that nothing was committed since the last look."""
        began = elapsed()
        seen = self._glance()
        if seen is None or seen != self._glanced:
            return False
        self.until = began + self._staleness
        return True

    def stands(self) -> bool:
        """Tell whether the cache may be used without a read of the store; ``False`` says nothing against it."""
        return elapsed() < self.until or self.at_a_glance()

    async def look(self) -> bool:
        """Look at the epoch, if that is due, and tell whether the cache may be used."""
        if not self._is_of_use:
            return False
        if self.stands():
            return True
        try:
            return await self._looked()
        except Unavailable:
            return False

    def renewed(self) -> None:
        """Have this process forget what may not be true any more."""
        for cache in list(self._neighbours or (self._cache,)):
            cache.renew()

    async def outlived(self, committed: float | None = None) -> None:
        """Return once no process can still believe what was true before a commit that has returned.

        Args:
            committed: the elapsed time at which it had returned; now, unless somebody says otherwise.

        Raises:
            Unavailable: the store does not say how long that takes.
        """
        if self._neighbours is not None:
            return
        committed = elapsed() if committed is None else committed
        row = await self._read()
        believed = 0.0 if row is None else row["staleness"] / _SECOND * _MARGIN
        while (rest := committed + believed - elapsed()) > 0:
            await self._pause(rest)

    async def _looked(self) -> bool:
        began, glanced, row = elapsed(), self._glance(), await self._read()
        if row is None or row["staleness"] < self._announced:
            await self._announce()
            # Who narrowed something before that did not wait for us; what they did shows now.
            began, glanced, row = elapsed(), self._glance(), await self._read()
        if row is None or row["value"] != self._seen:
            self._cache.renew()
            self._seen = None if row is None else row["value"]
        self._glanced = glanced
        self.until = began + self._staleness
        return True

    async def _read(self) -> Row | None:
        return await self._store.get("epochs", "id", self._name)

    async def _announce(self) -> None:
        await self._store.commit(
            self._beginning, Update("epochs", self._here, {"staleness": Greatest(self._announced)})
        )


def _nothing() -> object:
    return None
