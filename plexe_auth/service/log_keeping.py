"""The access log is flushed, checked against its hash chains, and cut off where it is old; a cut leaves an anchor."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from plexe_auth.bridge import M, Service, operation
from plexe_auth.errors import Conflict
from plexe_auth.journal.chain import EVERYONE, entry_id, placed
from plexe_auth.model.instant import checked_instant, to_microseconds
from plexe_auth.rows import Compare, Delete, Query, Row, Update, equal
from plexe_auth.service.log_links import Broken, Links
from plexe_auth.world import World

_PAGE = 1000
_MOST_BROKEN = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the access log found.

    Attributes:
        ok: nothing is missing and nothing altered.
        entries: how many entries were looked at.
        broken: what is missing or altered, by writer and place; the first thousand of them.
    """

    ok: bool
    entries: int
    broken: tuple[Broken, ...]


class LogKeeping(Service[M]):
    """Keeping the access log."""

    def __init__(self, world: World, mode: type[M]) -> None:
        super().__init__(mode)
        self._world = world
        self._store = world.store
        self._journal = world.journal

    @property
    def waiting(self) -> int:
        """How many entries this process has decided on that are not stored yet."""
        return self._journal.waiting

    @property
    def lost(self) -> int:
        """How many entries of this process had no room; 0 unless `Settings.log_outage` is ``"serve"``."""
        return self._journal.lost

    @operation
    async def flush(self) -> None:
        """Return once all that this process has decided is stored, and what processes left behind that are gone.

        Raises:
            Unavailable: the store does not answer. Nothing is lost; it is tried again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.log.flush()
        """
        await self._journal.flush()

    @operation
    async def verify(self) -> Verified:
        """Check every entry against the hash chain it is part of, and return what is missing or altered.

        It reads the whole log, a page at a time. It finds what somebody changes who does not know of the chains;
        whoever has both the database and this code could make new ones, so keep an export where they cannot reach it.

        Raises:
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.log.verify().ok
            True
        """
        await self._journal.settle()
        begun = await self._begun()
        seen = entries = 0
        broken: list[Broken] = []
        # Writers are read before entries, or an entry that is stored meanwhile would be missed.
        writers = self._writers()
        writer = await anext(writers, None)
        rows = self._downwards("entries")
        row = await anext(rows, None)
        while writer is not None:
            links = Links(writer)
            while row is not None and row["id"] > entry_id(writer["id"], writer["position"]):
                broken += await self._stray(row)
                row = await anext(rows, None)
            while row is not None and row["id"] > entry_id(writer["id"], 0):
                entries += 1
                links.feed(row)
                row = await anext(rows, None)
            links.end(await self._anchor(writer))
            broken += await self._again(links)
            del broken[_MOST_BROKEN:]
            seen += 1
            writer = await anext(writers, None)
        while row is not None:
            broken += await self._stray(row)
            row = await anext(rows, None)
        broken += _uncounted(begun, seen, await self._begun())
        return Verified(not broken, entries, tuple(broken[:_MOST_BROKEN]))

    @operation
    async def purge(self, before: datetime) -> int:
        """Remove entries from before an instant for good, and return how many.

        Of what one process wrote, all goes that stands before the first entry that is younger. Usage stays.

        Args:
            before: an instant with a time zone.

        Raises:
            InvalidRequest: it is none.
            Unavailable: the store does not answer. Some may be removed; ask again.

        Example:
            >>> from datetime import UTC, datetime
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.log.purge(before=datetime(2026, 1, 1, tzinfo=UTC))
            0
        """
        last = to_microseconds(checked_instant("before", before)) - 1
        await self._journal.settle()
        removed = 0
        async for writer in self._writers():
            removed += await self._cut(writer, last)
        return removed

    async def _begun(self) -> int:
        everyone = await self._store.get("writers", "id", EVERYONE)
        begun: int = 0 if everyone is None else everyone["position"]
        return begun

    async def _writers(self) -> AsyncIterator[Row]:
        async for writer in self._downwards("writers"):
            if writer["id"] != EVERYONE:
                yield writer

    async def _downwards(self, table: str) -> AsyncIterator[Row]:
        after: tuple[str] | None = None
        while rows := await self._store.page(Query(table, (), ("id",), after, _PAGE)):
            for row in rows:
                yield row
            after = (rows[-1]["id"],)

    async def _stray(self, row: Row) -> list[Broken]:
        # Of no chain as it was when we began to look; it may have been written since.
        name, number = placed(row["id"])
        writer = await self._store.get("writers", "id", name) if number else None
        if writer is not None and number <= writer["position"]:
            return []
        return [Broken(name, number, "foreign", number)]

    async def _anchor(self, writer: Row) -> int:
        now = await self._store.get("writers", "id", writer["id"])
        anchor: int = 0 if now is None else now["anchor"]
        return anchor

    async def _again(self, links: Links) -> list[Broken]:
        """Look at a chain anew that seems broken; it may only have been lengthened or cut while it was looked at."""
        writer = await self._store.get("writers", "id", links.writer) if links.broken else None
        if writer is None:
            return links.broken
        links = Links(writer)
        low, high = 0, writer["position"]
        while high > low:
            for row in await self._stretch(writer["id"], max(high - _PAGE, low), high):
                links.feed(row)
            high -= _PAGE
        links.end(await self._anchor(writer))
        return links.broken

    async def _stretch(self, name: str, low: int, high: int) -> Sequence[Row]:
        """Return the entries of a chain above one number and up to another, which lie no more than a page apart."""
        above = Compare("id", ">", entry_id(name, low))
        return await self._store.page(Query("entries", (above,), ("id",), (entry_id(name, high + 1),), _PAGE))

    async def _cut(self, writer: Row, last: int) -> int:
        name, anchor, removed = writer["id"], writer["anchor"], 0
        for low in range(anchor, writer["position"], _PAGE):
            rows = await self._stretch(name, low, min(low + _PAGE, writer["position"]))
            old = list(takewhile(lambda row: row["at"] <= last, reversed(rows)))
            if old:
                removed += await self._removed(name, anchor, old[-1])
                anchor = placed(old[-1]["id"])[1]
            if len(old) < len(rows):
                break
        return removed

    async def _removed(self, writer: str, anchor: int, base: Row) -> int:
        number = placed(base["id"])[1]
        stands = (equal("id", writer), equal("anchor", anchor))
        gone = (Compare("id", ">", entry_id(writer, anchor)), Compare("id", "<=", base["id"]))
        moved = Update("writers", stands, {"anchor": number, "anchor_head": base["chained"]})
        try:
            return (await self._store.commit(moved, Delete("entries", gone, several=True)))[1]
        except Conflict:
            return 0  # somebody else is cutting this chain


def _uncounted(before: int, seen: int, after: int) -> list[Broken]:
    """Compare how many chains there are with how many were begun before we looked, and after."""
    if seen < before:
        return [Broken(EVERYONE, 0, "missing", 0)]
    return [Broken(EVERYONE, 0, "foreign", 0)] if seen > after else []
