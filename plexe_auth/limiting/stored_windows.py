"""What ``limits`` asks of a storage, answered by the store for both colours: one window at a time, under a key.

The rows and the rules are those of our own rates.
"""

from plexe_auth.errors import Conflict, Unavailable
from plexe_auth.limiting.limiter import SECOND, Ticks, name_of
from plexe_auth.limiting.rows import Counting, Named, ends
from plexe_auth.limiting.stored import TURNS, StoredLimiter
from plexe_auth.limiting.stored_times import Timing
from plexe_auth.model.rate import Window
from plexe_auth.rows import AnyOf, Delete, equal
from plexe_auth.storage.store import AsyncStore


class StoredWindows:
    """Counts under the keys of ``limits``, which tell apart whom they count for and by which rate.

    Every method but `answer` raises `plexe_auth.Unavailable` when the store does not answer.

    Args:
        store: where rows are kept.
        ticks: what tells the time.
    """

    def __init__(self, store: AsyncStore, ticks: Ticks) -> None:
        self._store = store
        self._ticks = ticks
        self._sliding, self._moving = StoredLimiter(store, ticks, "sliding"), StoredLimiter(store, ticks, "moving")
        self._fixed, self._slid, self._times = Counting(sliding=False), Counting(sliding=True), Timing()

    async def charge(self, key: str, seconds: int, cost: int) -> int:
        """Count in a fixed window whether there is room or not, and return what it holds then."""
        name = _name("fixed", key)
        for _turn in range(TURNS):
            kept, count, _now = await self._fixed.count(self._store, name, seconds, self._ticks)
            try:
                await self._store.commit(self._fixed.charge(name, kept, count, seconds, cost))
            except Conflict:
                continue
            await self._sliding.tidy()
            return count.hits + cost
        raise Unavailable

    async def charged(self, key: str) -> tuple[int, float]:
        """Return what a fixed window holds, and when it ends, in seconds since 1970: now, if it holds nothing."""
        row = await self._store.get(self._fixed.table, "id", _name("fixed", key))
        now = self._ticks() // 1000
        return (0, now / SECOND) if row is None or ends(row) <= now else (row["hits"], ends(row) / SECOND)

    async def slide(self, key: str, limit: int, seconds: int, cost: int) -> bool:
        """Count in a sliding window if there is room, and tell whether there was."""
        return (await self._sliding.claim([_window("sliding", key, limit, seconds)], cost)).allowed

    async def slid(self, key: str, seconds: int) -> tuple[int, float, int, float]:
        """Return what the window before the sliding one holds, and this one, each with how many seconds it counts."""
        _kept, count, now = await self._slid.count(self._store, _name("sliding", key), seconds, self._ticks)
        left = seconds - (now - count.starts_at) / SECOND
        return count.previous, left if count.previous else 0.0, count.hits, left + seconds

    async def move(self, key: str, limit: int, seconds: int, cost: int) -> bool:
        """Count in a moving window if there is room, and tell whether there was."""
        return (await self._moving.claim([_window("moving", key, limit, seconds)], cost)).allowed

    async def moved(self, key: str, seconds: int) -> tuple[float, int]:
        """Return when the oldest came of those that a moving window holds, in seconds since 1970, and their number."""
        times, now = await self._times.times(self._store, _name("moving", key), seconds, self._ticks)
        return (times[0] if times else now) / SECOND, len(times)

    async def forget(self, key: str) -> None:
        """Begin anew to count under a key, by every strategy."""
        counted = tuple(equal("id", _name(one, key)) for one in ("fixed", "sliding"))
        await self._store.commit(
            Delete(self._fixed.table, (AnyOf(counted),), several=True),
            Delete(self._times.table, (equal("bucket", _name("moving", key)),), several=True),
        )

    async def answer(self) -> bool:
        """Tell whether the store answers."""
        try:
            await self.charged("")
        except Unavailable:
            return False
        return True


def _name(strategy: str, key: str) -> str:
    return name_of(f"limits:{strategy}:{key}")


def _window(strategy: str, key: str, limit: int, seconds: int) -> Named:
    return _name(strategy, key), Window(limit, seconds)
