"""``auth.log``: the access log is read, exported and checked here; nothing in it can be changed, only cut off."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TextIO

from plexe_auth.bridge import M, operation
from plexe_auth.errors import InvalidRequest
from plexe_auth.model.entry import LogEntry, from_row
from plexe_auth.model.told import FORMATS, heading, record
from plexe_auth.rows import Condition, Query, Row
from plexe_auth.service.log_keeping import LogKeeping
from plexe_auth.service.log_search import Place, cursor, position, search
from plexe_auth.service.page import Page, checked_limit

_MOST = 1000
_ORDER = ("at", "turn")


class Log(LogKeeping[M]):
    """The access log: one entry for each decision and each change."""

    @operation
    async def page(
        self,
        account_id: str | None = None,
        key_id: str | None = None,
        user_id: str | None = None,
        action: str | None = None,
        outcome: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int = 100,
        *,
        fresh: bool = True,
    ) -> Page[LogEntry]:
        """Return entries, newest first. Those of this process are all there; those of others follow within seconds.

        Every argument that is given narrows the list.

        Args:
            account_id: whose entries.
            key_id: about which key.
            user_id: about which person.
            action: such as ``key.verify``.
            outcome: ``"allowed"`` or ``"denied"``.
            since: from this instant on.
            until: up to but not at this instant.
            after: the ``next`` of the page before; ``None`` begins with the newest. Pages fit together whatever is
                written meanwhile.
            limit: at most so many, 1 to 1,000.
            fresh: store first what this process wrote down just now; otherwise that follows within a second or so, and
                nobody waits for it.

        Raises:
            InvalidRequest: an argument is not acceptable; ``field`` names it.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     key = auth.keys.create("acct_42", name="CI").key
            ...     isinstance(auth.log.page(account_id="acct_42", limit=10).items, tuple)
            True
        """
        checked_limit(limit, _MOST)
        wanted = search(account_id, key_id, user_id, action, outcome, since, until)
        place = position(after)
        if fresh:
            await self._journal.settle()
        rows = await self._rows(wanted, place, limit + 1)
        return Page(tuple(map(from_row, rows[:limit])), cursor(rows[limit - 1]) if len(rows) > limit else None)

    @operation
    async def export(
        self,
        stream: TextIO,
        format: Literal["jsonl", "csv"] = "jsonl",  # noqa: A002 - it is what everybody calls it
        account_id: str | None = None,
        key_id: str | None = None,
        user_id: str | None = None,
        action: str | None = None,
        outcome: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> int:
        """Write entries to a text stream, newest first, one line for each, and return how many.

        The stream is written to plainly, on both faces. What is not printable is escaped, so that no entry can look
        like two; and in CSV no cell begins with what a spreadsheet would take for a formula.

        Args:
            stream: something with ``write``, such as ``open("log.csv", "w", newline="")``.
            format: ``"jsonl"`` for one JSON object a line, or ``"csv"`` with a heading (RFC 4180).
            account_id: see `page`, as all that follow.
            key_id: about which key.
            user_id: about which person.
            action: such as ``key.verify``.
            outcome: ``"allowed"`` or ``"denied"``.
            since: from this instant on.
            until: up to but not at this instant.

        Raises:
            InvalidRequest: an argument is not acceptable; ``field`` names it.
            Unavailable: the store does not answer; some entries are written.

        Example:
            >>> import io
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     stream = io.StringIO()
            ...     written = auth.log.export(stream, format="csv", action="key.verify")
            >>> written, stream.getvalue()[:21]
            (0, 'id,at,action,outcome,')
        """
        if format not in FORMATS:
            raise InvalidRequest(f"format must be one of {', '.join(FORMATS)}.", field="format")
        wanted = search(account_id, key_id, user_id, action, outcome, since, until)
        await self._journal.settle()
        stream.write(heading(format))
        written, place = 0, None
        while rows := await self._rows(wanted, place, _MOST):
            stream.write("".join(record(from_row(row), format) for row in rows))
            written += len(rows)
            place = (rows[-1]["at"], rows[-1]["turn"])
        return written

    async def _rows(self, wanted: tuple[Condition, ...], place: Place | None, limit: int) -> Sequence[Row]:
        return await self._store.page(Query("entries", wanted, _ORDER, place, limit))
