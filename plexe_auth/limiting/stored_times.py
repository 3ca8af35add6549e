"""Moving windows in the store: a window for n requests has n places, and a place is free once its request has left.

A request claims a free place, which only one can do, so that never more than n are in a window; of those who come at
the same time nearly all get one at the first try. Each reads as many rows as are in the window: this is for rates of
hundreds, not of millions.
"""

import secrets
from collections.abc import Sequence

from plexe_auth.limiting.counting import moving
from plexe_auth.limiting.limiter import SECOND, Place, Ticks
from plexe_auth.limiting.rows import SLACK, Found, id_of
from plexe_auth.model.rate import Window
from plexe_auth.rows import Change, Insert, Query, Row, Update, above, equal
from plexe_auth.storage.store import AsyncStore

_MOST = 1_000_000  # rows of one window: far more than anybody should count in this way
_SPREAD = 64  # new places that those who come at the same time choose from
_APART = SECOND  # clocks of hosts may be; to mend what others claim just now would be in their way


class Timing:
    """Reads and claims rows of the table ``rate_hits``."""

    table = "rate_hits"

    async def look(self, store: AsyncStore, wanted: Sequence[Place], ticks: Ticks) -> list[Found]:
        """See `Reading`."""
        return [await self._seen(store, id_of(place), place[1], ticks) for place in wanted]

    async def _seen(self, store: AsyncStore, bucket: str, window: Window, ticks: Ticks) -> Found:
        # All of them: what was counted while the rate was greater still counts.
        rows = await store.page(Query(self.table, (equal("bucket", bucket),), ("place", "id"), limit=_MOST))
        now, length = ticks() // 1000, window.seconds * SECOND
        stamped = {"hit_at": now, "expires_at": now + length + SLACK}
        times = sorted(min(row["hit_at"], now) for row in rows if row["hit_at"] > now - length)
        ahead = max((row["hit_at"] for row in rows), default=now) - now
        back = Update(self.table, (equal("bucket", bucket), above("hit_at", now)), dict(stamped), several=True)
        claim = self._claim(bucket, window, rows, now - length, stamped)
        changes: tuple[Change, ...] = (back, claim) if ahead > _APART else (claim,)
        return Found(moving(window, times, now), changes, back if ahead > 0 else None)

    def _claim(self, bucket: str, window: Window, rows: Sequence[Row], left: int, stamped: dict[str, int]) -> Change:
        known = {row["place"]: row for row in rows}
        near = range(min(window.count, 2 * len(rows) + _SPREAD))
        free = [place for place in near if place not in known or known[place]["hit_at"] <= left]
        place = secrets.choice(free or near)
        if place not in known:
            row = {"id": f"{bucket}.{place}", "bucket": bucket, "place": place, **stamped}
            return Insert(self.table, row)
        where = (equal("id", known[place]["id"]), equal("hit_at", known[place]["hit_at"]))
        return Update(self.table, where, dict(stamped))
