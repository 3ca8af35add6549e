"""Lines go from spools into the store, this process's own and those of processes that are gone, each of them once."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from plexe_auth.errors import AuthError, Conflict
from plexe_auth.journal import folder as folders
from plexe_auth.journal.batch import batch, chain_of
from plexe_auth.journal.chain import EMPTY, Chain
from plexe_auth.journal.segment import kept_lines, length, parted, whole_lines
from plexe_auth.journal.spool import BATCH_BYTES, Spool
from plexe_auth.rows import Change, Ensure, Insert, Row
from plexe_auth.storage.store import AsyncStore

MOST = 1000  # lines in one commit

_log = logging.getLogger("plexe_auth")


class Stores(Protocol):
    """Stores what this process wrote down, be it here or elsewhere."""

    async def own(self, spool: Spool) -> None:
        """Store all that waits in this process's spool by now. What comes in meanwhile is for the next time.

        Raises:
            Unavailable: the store does not answer. What is not stored goes on waiting.
        """
        ...

    def forget(self) -> None:
        """In a forked child: know nothing of the parent's chain."""
        ...


class Storing:
    """Stores lines, one batch after the other. Only one thread of a process does it."""

    def __init__(self, store: AsyncStore, tell: Callable[[Sequence[Insert]], None]) -> None:
        self._store = store
        self._tell = tell
        self._chain: Chain | None = None

    def forget(self) -> None:
        """Know of no chain; somebody else may have lengthened it."""
        self._chain = None

    async def own(self, spool: Spool) -> None:
        """See `Stores`."""
        written = spool.count  # whoever went on until nothing waits would make a commit of every few lines
        while spool.stored < written and (lines := spool.waiting(MOST)):
            await self._batch(spool.writer, spool.stored, lines)
            spool.store(lines)

    async def each(self, writer: str, before: int, lines: bytes) -> int:
        """Store lines of a writer that come after so many `before` them, and return how many they are.

        Raises:
            Unavailable: the store does not answer. Some of them may be stored.
        """
        read = count = 0
        while found := parted(whole_lines(lines, read, len(lines), BATCH_BYTES))[:MOST]:
            await self._batch(writer, before + count, found)
            read += length(found)
            count += len(found)
        return count

    async def orphans(self, folder: Path) -> None:
        """Store what processes left behind that are gone.

        Raises:
            Unavailable: the store does not answer. What is not stored goes on waiting.
        """
        for writer in folders.writers(folder):
            with folders.orphan(folder, writer) as segments:
                for first, path in segments or ():
                    await self._segment(writer, first, path)

    async def _segment(self, writer: str, first: int, path: Path) -> None:
        lines = kept_lines(path)
        for start in range(0, len(lines), MOST):
            await self._batch(writer, first + start, lines[start : start + MOST])
        path.unlink()  # noqa: ASYNC240 - it runs in a thread of our own

    async def _batch(self, writer: str, before: int, lines: Sequence[bytes]) -> None:
        """Store lines of a writer that come after so many `before` them, but for those that are stored already."""
        taken = False
        while True:
            chain = await self._place(writer, before)
            missing = lines[max(chain.position - before, 0) :]
            if not missing:
                return
            longer, inserts, changes = batch(chain, missing)
            self._chain = None  # until it is known to be done
            try:
                await self._store.commit(*(map(_unless_taken, changes) if taken else changes))
            except Conflict:
                taken = await self._is_taken(chain, before, again=taken)
                continue
            self._chain = longer
            self._tell(inserts)
            return

    async def _place(self, writer: str, before: int) -> Chain:
        if self._chain is not None and self._chain.writer == writer:
            return self._chain
        row = await self._store.get("writers", "id", writer)
        if row is None and before:
            row = await self._put_back(writer, before)
        return chain_of(writer, row)

    async def _put_back(self, writer: str, before: int) -> Row:
        # Somebody has removed the row. Its head is not known any more, which shows when the chain is checked.
        _log.error("the access log goes on where a chain was removed: %s", writer)
        row: Row = {"id": writer, "position": before, "head": EMPTY, "anchor": 0, "anchor_head": EMPTY}
        with suppress(Conflict):
            await self._store.commit(Insert("writers", row))
        return row

    async def _is_taken(self, chain: Chain, before: int, *, again: bool) -> bool:
        # Somebody else has stored some of it, or an earlier attempt of ours had succeeded without our knowing. If not,
        # somebody has put an entry where ours belongs. It stays, which shows when the chain is checked.
        stands = await self._place(chain.writer, before) == chain
        if stands and again:
            raise AuthError("the access log cannot be stored, for another reason than a taken name")
        if stands:
            _log.error("the access log goes on where an entry was put in: %s", chain.writer)
        return stands


def _unless_taken(change: Change) -> Change:
    return Ensure("entries", change.row) if isinstance(change, Insert) and change.table == "entries" else change
