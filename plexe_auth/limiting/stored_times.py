"""Moving windows in the store: a window for n requests has n places, and a place is free once its request has left.

A request claims a free place, which only one can do, so that never more than n are in a window; of those who come at
the same time nearly all get one at the first try. Each reads as many rows as are in the window: this is for rates of
hundreds, not of millions.
"""

import secrets
from collections.abc import Sequence

from plexe_auth.limiting.counting import moving
from plexe_auth.limiting.limiter import SECOND, Ticks
from plexe_auth.limiting.rows import SLACK, Found, Named
from plexe_auth.model.rate import Window
from plexe_auth.rows import Change, Insert, Query, Row, Update, above, equal
from plexe_auth.storage.store import AsyncStore

_MOST = 1_000_000  # rows of one window: far more than anybody should count in this way
_SPREAD = 64  # new places that those who come at the same time choose from
_APART = SECOND  # clocks of hosts may be; to mend what others claim just now would be in their way


class Timing:
    """Reads and claims rows of the table ``rate_hits``."""

    table = "rate_hits"

    async def look(self, store: AsyncStore, wanted: Sequence[Named], ticks: Ticks, cost: int) -> list[Found]:
        """See `Reading`."""
        return [await self._found(store, key, window, ticks, cost) for key, window in wanted]

    async def times(self, store: AsyncStore, key: str, seconds: int, ticks: Ticks) -> tuple[list[int], int]:
        """Return when those were counted that still count, oldest first, and when that is."""
        rows, now = await self._rows(store, key, ticks)
        return _counting(rows, seconds, now), now

    async def _rows(self, store: AsyncStore, key: str, ticks: Ticks) -> tuple[Sequence[Row], int]:
        # All of them: what was counted while the rate was greater still counts.
        rows = await store.page(Query(self.table, (equal("bucket", key),), ("place", "id"), limit=_MOST))
        return rows, ticks() // 1000

    async def _found(self, store: AsyncStore, key: str, window: Window, ticks: Ticks, cost: int) -> Found:
        rows, now = await self._rows(store, key, ticks)
        stamped = {"hit_at": now, "expires_at": now + window.seconds * SECOND + SLACK}
        ahead = max((row["hit_at"] for row in rows), default=now) - now
        back = Update(self.table, (equal("bucket", key), above("hit_at", now)), dict(stamped), several=True)
        claims = self._claims(key, window, rows, stamped, cost)
        changes: tuple[Change, ...] = (back, *claims) if ahead > _APART else claims
        return Found(moving(window, _counting(rows, window.seconds, now), now), changes, back if ahead > 0 else None)

    def _claims(
        self, key: str, window: Window, rows: Sequence[Row], stamped: dict[str, int], cost: int
    ) -> tuple[Change, ...]:
        """Return what claims so many free places; where there are fewer, nothing may be counted anyway."""
        known = {row["place"]: row for row in rows}
        left = stamped["hit_at"] - window.seconds * SECOND
        near = range(min(window.count, 2 * len(rows) + _SPREAD + cost))
        free = [place for place in near if place not in known or known[place]["hit_at"] <= left]
        start = secrets.randbelow(len(free) or 1)  # so that few of those who come together choose the same
        chosen = sorted((free[start:] + free[:start])[:cost])  # in one order, so that no two wait for each other
        return tuple(self._claim(key, place, known.get(place), stamped) for place in chosen)

    def _claim(self, key: str, place: int, held: Row | None, stamped: dict[str, int]) -> Change:
        if held is None:
            return Insert(self.table, {"id": f"{key}.{place}", "bucket": key, "place": place, **stamped})
        return Update(self.table, (equal("id", held["id"]), equal("hit_at", held["hit_at"])), dict(stamped))


def _counting(rows: Sequence[Row], seconds: int, now: int) -> list[int]:
    return sorted(min(row["hit_at"], now) for row in rows if row["hit_at"] > now - seconds * SECOND)
