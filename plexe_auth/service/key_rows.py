"""Keys as they are kept: for `Keys`, and for whoever shows them as something else than `APIKey`."""

from collections.abc import Awaitable
from itertools import islice

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.key import STATUSES, Status, status_of
from plexe_auth.model.text import LONGEST_ID, checked, may_be_id
from plexe_auth.rows import Query, Row, equal
from plexe_auth.service.page import Page, checked_limit, cursor, position
from plexe_auth.world import World

_MOST = 200
_LOOKED_AT = 500  # keys for one page of a state

Place = tuple[int, str] | None


class KeyRows:
    """Reads the keys of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, key_id: str) -> Awaitable[Row | None]:
        """Return, once awaited, the row of the key with this id, if there is one."""
        return self._world.store.get("keys", "id", key_id if may_be_id(key_id) else "")

    async def page(self, account_id: str, after: str | None, limit: int, status: Status | None) -> Page[Row]:
        """Return rows of an account's keys, newest first. Arguments and refusals are those of `Keys.page`.

        Which state a key is in depends on the time, so no index knows it: no more than some are looked at for a page.
        """
        checked("account_id", account_id, LONGEST_ID)
        checked_limit(limit, _MOST)
        if status is not None and status not in STATUSES:
            raise InvalidRequest(f"status must be one of {', '.join(STATUSES)}.", field="status")
        place = position(after)
        if status is None:
            rows, more = await self._window(account_id, place, limit)
            return Page(rows, _cursor(rows[-1]) if more else None)
        return await self._in_status(account_id, place, limit, status)

    async def _in_status(self, account_id: str, place: Place, limit: int, status: Status) -> Page[Row]:
        rows, more = await self._window(account_id, place, _LOOKED_AT)
        now = self._world.now()
        found = tuple(islice((row for row in rows if status_of(row, now) == status), limit + 1))
        if len(found) > limit:
            return Page(found[:limit], _cursor(found[limit - 1]))
        return Page(found, _cursor(rows[-1]) if more else None)

    async def _window(self, account_id: str, place: Place, size: int) -> tuple[tuple[Row, ...], bool]:
        here = (equal("account_id", account_id),)
        rows = tuple(await self._world.store.page(Query("keys", here, ("created_at", "id"), place, size + 1)))
        return rows[:size], len(rows) > size


def _cursor(row: Row) -> str:
    return cursor(row["created_at"], row["id"])
