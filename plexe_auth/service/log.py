"""``auth.log``: the access log is read, exported and checked here; nothing in it can be changed, only cut off."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, product
from typing import Literal, TextIO

from plexe_auth.bridge import M, operation
from plexe_auth.errors import InvalidRequest
from plexe_auth.model.entry import ACTIONS, OUTCOMES, LogEntry, from_row
from plexe_auth.model.instant import checked_instant, to_microseconds
from plexe_auth.model.told import FORMATS, heading, record
from plexe_auth.rows import Condition, Query, Row, above, at_most, equal
from plexe_auth.service.log_keeping import LogKeeping
from plexe_auth.service.page import Page, checked_limit

_MOST = 1000
_ORDER = ("at", "turn")
_NO_TURN = 1 << 63
_OWNERS = ("account_id", "key_id", "user_id")


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
        queries = _queries(account_id, key_id, user_id, action, outcome, since, until)
        place = _position(after)
        if fresh:
            await self._journal.settle()
        rows = await self._rows(queries, place, limit + 1)
        return Page(tuple(map(from_row, rows[:limit])), _cursor(rows[limit - 1]) if len(rows) > limit else None)

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
        queries = _queries(account_id, key_id, user_id, action, outcome, since, until)
        await self._journal.settle()
        stream.write(heading(format))
        written, place = 0, None
        while rows := await self._rows(queries, place, _MOST):
            stream.write("".join(record(from_row(row), format) for row in rows))
            written += len(rows)
            place = (rows[-1]["at"], rows[-1]["turn"])
        return written

    async def _rows(
        self, queries: Sequence[tuple[Condition, ...]], place: tuple[int, int] | None, limit: int
    ) -> list[Row]:
        found = [await self._store.page(Query("entries", where, _ORDER, place, limit)) for where in queries]
        return _merged(found)[:limit]


def _merged(found: Iterable[Sequence[Row]]) -> list[Row]:
    return sorted(chain.from_iterable(found), key=lambda row: (row["at"], row["turn"]), reverse=True)


def _queries(
    account_id: str | None,
    key_id: str | None,
    user_id: str | None,
    action: str | None,
    outcome: str | None,
    since: datetime | None,
    until: datetime | None,
) -> list[tuple[Condition, ...]]:
    """Return the conditions of the queries that together find the entries, each of them by an index."""
    owners = [
        equal(name, _text(name, one))
        for name, one in zip(_OWNERS, (account_id, key_id, user_id), strict=True)
        if one is not None
    ]
    span = [*_from(since), *_up_to(until)]
    _check_choice("action", action, ACTIONS)
    _check_choice("outcome", outcome, OUTCOMES)
    if owners or (action is None and outcome is None):
        more = [equal(name, one) for name, one in (("action", action), ("outcome", outcome)) if one is not None]
        return [(*owners, *more, *span)]
    # The index is by action and outcome and then by time: where one is left open, each of its values is looked for.
    actions, outcomes = ACTIONS if action is None else (action,), OUTCOMES if outcome is None else (outcome,)
    return [(equal("action", one), equal("outcome", other), *span) for one, other in product(actions, outcomes)]


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"{field} must be a text.", field=field)
    return value.encode(errors="replace").decode().replace("\0", "\ufffd")  # as such a one would stand in the log


def _check_choice(field: str, value: object, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        raise InvalidRequest(f"{field} must be one of {', '.join(choices)}.", field=field)


def _from(since: datetime | None) -> Iterator[Condition]:
    if since is not None:
        yield above("at", to_microseconds(checked_instant("since", since)) - 1)


def _up_to(until: datetime | None) -> Iterator[Condition]:
    if until is not None:
        yield at_most("at", to_microseconds(checked_instant("until", until)) - 1)


def _cursor(row: Row) -> str:
    return f"{row['at']}.{row['turn']}"


def _position(after: object) -> tuple[int, int] | None:
    if after is None:
        return None
    found = re.fullmatch(r"([0-9]{1,18})\.([0-9]{1,19})", after, re.ASCII) if isinstance(after, str) else None
    if found is None or int(found[2]) >= _NO_TURN:
        raise InvalidRequest("after must be the next of an earlier page.", field="after")
    return int(found[1]), int(found[2])
