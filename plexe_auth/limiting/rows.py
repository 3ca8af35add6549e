"""A window as a row of the store: what it says, and the one change that counts a request in it.

Where a window runs on, the change asks only that there is still room, so that any number of processes count at once
without being in each other's way. Where it begins anew, it asks that nobody has counted or begun meanwhile.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from plexe_auth.limiting.counting import Count, Standing, rolled, standing
from plexe_auth.limiting.limiter import SECOND, Place, Ticks, name_of
from plexe_auth.model.rate import Window
from plexe_auth.rows import Add, AnyOf, Change, Condition, Insert, Query, Row, Update, Value, at_most, equal
from plexe_auth.storage.store import AsyncStore

# A row is kept for longer than it counts, so that a clock that was wrong for a while gives nothing away.
SLACK = 3600 * SECOND


Named = tuple[str, Window]  # under which id a window is kept, and the window


class Found(NamedTuple):
    """How a window stands, what counts more in it, and what a refusal has to write where the clock went back.

    Otherwise a full window would begin anew at each refusal, and stay locked until the clock is where it was.
    """

    standing: Standing
    changes: tuple[Change, ...]
    mending: Update | None = None


class Reading(Protocol):
    """Reads windows by a strategy from a table of its own, whose rows have an ``id`` and ``expires_at``."""

    table: str

    async def look(self, store: AsyncStore, wanted: Sequence[Named], ticks: Ticks, cost: int) -> list[Found]:
        """Return what there is of each window, with the changes that count `cost` in it."""
        ...


def named(place: Place) -> Named:
    """Return a bucket's window with the id of its row."""
    bucket, window = place
    return name_of(f"{window.seconds}:{bucket}"), window


class Counting:
    """Fixed and sliding windows: one row each of the table ``rates``."""

    table = "rates"

    def __init__(self, *, sliding: bool) -> None:
        self._sliding = sliding

    async def look(self, store: AsyncStore, wanted: Sequence[Named], ticks: Ticks, cost: int) -> list[Found]:
        """See `Reading`."""
        rows = await self._rows(store, [key for key, _window in wanted])
        now = ticks() // 1000
        return [self._found(key, _kept(rows.get(key)), window, now, cost) for key, window in wanted]

    async def count(self, store: AsyncStore, key: str, seconds: int, ticks: Ticks) -> tuple[Count | None, Count, int]:
        """Return what is kept under an id, what of it counts now, and when that is."""
        kept = _kept(await store.get(self.table, "id", key))
        now = ticks() // 1000
        return kept, rolled(kept, seconds * SECOND, now, sliding=self._sliding), now

    def charge(self, key: str, kept: Count | None, count: Count, seconds: int, cost: int) -> Change:
        """Return the change that counts `cost` whether there is room or not, if nobody has counted meanwhile."""
        values: dict[str, Value] = {"starts_at": count.starts_at, "hits": count.hits + cost, "previous": count.previous}
        values["expires_at"] = count.starts_at + 2 * seconds * SECOND + SLACK  # see `ends`
        if kept is None:
            return Insert(self.table, {"id": key, **values})
        return Update(self.table, (*_begun(key, kept), equal("hits", kept.hits)), values)

    async def _rows(self, store: AsyncStore, keys: Sequence[str]) -> dict[str, Row]:
        if len(keys) == 1:
            row = await store.get(self.table, "id", keys[0])
            return {} if row is None else {keys[0]: row}
        any_of_them = AnyOf(tuple(equal("id", key) for key in keys))
        found = await store.page(Query(self.table, (any_of_them,), order=("id",), limit=len(keys)))
        return {row["id"]: row for row in found}

    def _found(self, key: str, kept: Count | None, window: Window, now: int, cost: int) -> Found:
        count = rolled(kept, window.seconds * SECOND, now, sliding=self._sliding)
        found = standing(window, count, now, sliding=self._sliding)
        if kept is None or count != kept:
            anew = self.charge(key, kept, count, window.seconds, cost)
            return Found(found, (anew,), None if kept is None else self._back(key, kept, now))
        room = at_most("hits", count.hits + found.room - cost)
        return Found(found, (Update(self.table, (*_begun(key, kept), room), {"hits": Add(cost)}),))

    def _back(self, key: str, kept: Count, now: int) -> Update | None:
        if now >= kept.starts_at:
            return None
        return Update(self.table, _begun(key, kept), {"starts_at": now}, several=True)


def ends(row: Row) -> int:
    """Return when the window of a row of ``rates`` ends."""
    end: int = (row["starts_at"] + row["expires_at"] - SLACK) // 2
    return end


def _kept(row: Row | None) -> Count | None:
    return None if row is None else Count(row["starts_at"], row["hits"], row["previous"])


def _begun(key: str, kept: Count) -> tuple[Condition, ...]:
    return equal("id", key), equal("starts_at", kept.starts_at), equal("previous", kept.previous)
