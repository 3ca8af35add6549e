"""``auth.usage``: how often keys were verified, counted in the same commits as the access log, for billing."""

from collections.abc import Iterable
from datetime import datetime

from plexe_auth.bridge import M, Service, operation
from plexe_auth.errors import InvalidRequest
from plexe_auth.model.instant import checked_instant, to_microseconds
from plexe_auth.model.text import LONGEST_ID, checked
from plexe_auth.model.usage import BY, STEPS, By, UsageTotal, added_up, hour_of, totals
from plexe_auth.rows import Condition, Query, Row, Sums, above, at_most, equal
from plexe_auth.storage.store import AsyncSumming
from plexe_auth.world import World

_PAGE = 1000


class Usage(Service[M]):
    """Totals of verifications. Reached as ``auth.usage``."""

    def __init__(self, world: World, mode: type[M]) -> None:
        super().__init__(mode)
        self._store = world.store
        self._sums: AsyncSumming | None = getattr(world.store, "sums", None)
        self._journal = world.journal

    @operation
    async def totals(
        self, account_id: str, since: datetime, until: datetime, by: By = "key", *, fresh: bool = True
    ) -> list[UsageTotal]:
        """Return how often the account's keys were verified, ordered by time and key.

        What this process has decided is in it; other processes follow within seconds, or at once after ``log.flush()``
        there. Usage is counted in whole hours of UTC, and an hour counts if any of it lies in the span: bill from full
        hour to full hour.

        Args:
            account_id: whose keys.
            since: from this instant on.
            until: up to but not at this instant.
            by: ``"key"`` gives one total for each key that was used, ``"hour"`` and ``"day"`` one for each key and
                hour or day of UTC.
            fresh: store first what this process has decided just now; otherwise that follows within a second or so,
                and nobody waits for it.

        Raises:
            InvalidRequest: an argument is not acceptable; ``field`` names it.
            Unavailable: the store does not answer.

        Example:
            >>> from datetime import UTC, datetime
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
            ...     auth.usage.totals("acct_42", since, until, by="day")
            []
        """
        checked("account_id", account_id, LONGEST_ID)
        begin, end = checked_instant("since", since), checked_instant("until", until)
        if by not in BY:
            raise InvalidRequest(f"by must be one of {', '.join(BY)}.", field="by")
        if fresh:
            await self._journal.settle()
        first, last = hour_of(to_microseconds(begin)), to_microseconds(end) - 1
        where = (equal("account_id", account_id), above("hour", first - 1), at_most("hour", last))
        return totals(await self._counted(where, by), begin, by)

    async def _counted(self, where: tuple[Condition, ...], by: By) -> Iterable[Row]:
        """Return what was counted, added up by the store if it can, with what each key is called under ``key``."""
        if self._sums is None:
            names = {row["id"]: row["name"] for row in await self._all("keys", where[:1], "created_at")}
            hours = await self._all("usage", where, "hour")
            return added_up(({**row, "key": names.get(row["key_id"])} for row in hours), by)
        step = STEPS.get(by)
        per = None if step is None else ("hour", step)
        return await self._sums(Sums("usage", where, "key_id", ("allowed", "denied"), per, ("key", "name")))

    async def _all(self, table: str, where: tuple[Condition, ...], order: str) -> list[Row]:
        found: list[Row] = []
        after: tuple[int, str] | None = None
        while True:
            rows = await self._store.page(Query(table, where, (order, "id"), after, _PAGE))
            found += rows
            if len(rows) < _PAGE:
                return found
            after = (rows[-1][order], rows[-1]["id"])
