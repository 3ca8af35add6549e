"""A window as a row of the store: what it says, and the one change that counts a request in it.

Where a window runs on, the change asks only that there is still room, so that any number of processes count at once
without being in each other's way. Where it begins anew, it asks that nobody has counted or begun meanwhile.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from plexe_auth.limiting.counting import Count, Standing, rolled, standing
from plexe_auth.limiting.limiter import SECOND, Place, Ticks, name_of
from plexe_auth.model.rate import Window
from plexe_auth.rows import Add, AnyOf, Change, Insert, Query, Row, Update, Value, at_most, equal
from plexe_auth.storage.store import AsyncStore

# A row is kept for longer than it counts, so that a clock that was wrong for a while gives nothing away.
SLACK = 3600 * SECOND


class Found(NamedTuple):
    """How a window stands, what counts one more in it, and what a refusal has to write where the clock went back.

    Otherwise a full window would begin anew at each refusal, and stay locked until the clock is where it was.
    """

    standing: Standing
    changes: tuple[Change, ...]
    mending: Update | None = None


class Reading(Protocol):
    """Reads windows by a strategy from a table of its own, whose rows have an ``id`` and ``expires_at``."""

    table: str

    async def look(self, store: AsyncStore, wanted: Sequence[Place], ticks: Ticks) -> list[Found]:
        """Return what there is of each window."""
        ...


def id_of(place: Place) -> str:
    """Return the id of the row for a bucket's window."""
    bucket, window = place
    return name_of(f"{window.seconds}:{bucket}")


class Counting:
    """Fixed and sliding windows: one row each of the table ``rates``."""

    table = "rates"

    def __init__(self, *, sliding: bool) -> None:
        self._sliding = sliding

    async def look(self, store: AsyncStore, wanted: Sequence[Place], ticks: Ticks) -> list[Found]:
        """See `Reading`."""
        keys = [id_of(place) for place in wanted]
        rows = await self._rows(store, keys)
        now = ticks() // 1000
        return [self._found(key, rows.get(key), place[1], now) for key, place in zip(keys, wanted, strict=True)]

    async def _rows(self, store: AsyncStore, keys: Sequence[str]) -> dict[str, Row]:
        if len(keys) == 1:
            row = await store.get(self.table, "id", keys[0])
            return {} if row is None else {keys[0]: row}
        any_of_them = AnyOf(tuple(equal("id", key) for key in keys))
        found = await store.page(Query(self.table, (any_of_them,), order=("id",), limit=len(keys)))
        return {row["id"]: row for row in found}

    def _found(self, key: str, row: Row | None, window: Window, now: int) -> Found:
        length = window.seconds * SECOND
        kept = None if row is None else Count(row["starts_at"], row["hits"], row["previous"])
        count = rolled(kept, length, now, sliding=self._sliding)
        found = standing(window, count, now, sliding=self._sliding)
        values: dict[str, Value] = {"starts_at": count.starts_at, "hits": count.hits + 1, "previous": count.previous}
        values["expires_at"] = count.starts_at + 2 * length + SLACK
        if kept is None:
            return Found(found, (Insert(self.table, {"id": key, **values}),))
        where = (equal("id", key), equal("starts_at", kept.starts_at), equal("previous", kept.previous))
        if count == kept:
            room = at_most("hits", count.hits + found.room - 1)
            return Found(found, (Update(self.table, (*where, room), {"hits": Add(1)}),))
        back = Update(self.table, where, {"starts_at": now}, several=True) if now < kept.starts_at else None
        return Found(found, (Update(self.table, (*where, equal("hits", kept.hits)), values),), back)
