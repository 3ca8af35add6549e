"""Counts in the store: as many processes as use it share them exactly, and a refusal writes nothing.

It reads how the windows stand and then counts in all of them in one commit, which the store refuses where somebody was
quicker: it filled a window or began it anew. Then it reads again. So each turn that was in vain let another one in.
"""

from collections.abc import Sequence
from contextlib import suppress

from plexe_auth.errors import Conflict, Unavailable
from plexe_auth.limiting.counting import told
from plexe_auth.limiting.limiter import SECOND, Asked, Strategy, Tally, Ticks, places
from plexe_auth.limiting.rows import Counting, Found, Named, Reading, named
from plexe_auth.limiting.stored_times import Timing
from plexe_auth.rows import AnyOf, Delete, Query, at_most, equal
from plexe_auth.storage.store import AsyncStore

# Far more than honest haste needs: what takes longer is a store that answers without doing.
TURNS = 1000
_TIDIED_AT_ONCE = 200
_TIDY_EVERY = 60 * SECOND


class StoredLimiter:
    """A `Limiter` over a store. Nothing waits longer than the store itself does.

    Args:
        store: where rows are kept.
        ticks: what tells the time.
        strategy: how it counts.
    """

    hit_now = None

    def __init__(self, store: AsyncStore, ticks: Ticks, strategy: Strategy = "sliding") -> None:
        self._store = store
        self._ticks = ticks
        self._reading: Reading = Timing() if strategy == "moving" else Counting(sliding=strategy == "sliding")
        self._tidied_at = ticks() // 1000

    async def hit(self, *asked: Asked) -> Tally:
        """See `Limiter`."""
        return await self.claim([named(place) for place in places(asked)])

    async def claim(self, wanted: Sequence[Named], cost: int = 1) -> Tally:
        """Count `cost` requests in every one of these windows, or in none of them.

        Raises:
            Unavailable: as `hit`.
        """
        for _turn in range(TURNS):
            found = await self._reading.look(self._store, wanted, self._ticks, cost)
            tally = told([one.standing for one in found], cost)
            if not tally.allowed:
                await self._mend(found)
                return tally
            if await self._taken(found):
                await self.tidy()
                return tally
        raise Unavailable

    async def close(self) -> None:
        """See `Limiter`. The store belongs to somebody else."""

    async def _taken(self, found: Sequence[Found]) -> bool:
        try:
            await self._store.commit(*(change for one in found for change in one.changes))
        except Conflict:
            return False
        return True

    async def _mend(self, found: Sequence[Found]) -> None:
        changes = [one.mending for one in found if one.mending is not None]
        if changes:
            await self._store.commit(*changes)

    async def tidy(self) -> None:
        """Delete some rows that have long ended, now and then; where the store does not answer, another time."""
        now = self._ticks() // 1000
        if abs(now - self._tidied_at) < _TIDY_EVERY:
            return
        self._tidied_at = now
        with suppress(Unavailable):  # what was asked for is counted
            await self._tidied(now)

    async def _tidied(self, now: int) -> None:
        table, over = self._reading.table, at_most("expires_at", now)
        old = Query(table, (over,), order=("expires_at", "id"), limit=_TIDIED_AT_ONCE)
        ids = [row["id"] for row in await self._store.page(old)]
        if len(ids) == _TIDIED_AT_ONCE:
            self._tidied_at -= _TIDY_EVERY  # there are more
        if ids:
            ended = (AnyOf(tuple(equal("id", key) for key in ids)), over)
            await self._store.commit(Delete(table, ended, several=True))
