"""What is looked for in the access log is so many stretches of an index, newest first, each read on from a place.

An account's entries, a key's and a person's lie there by kind; all entries by action and outcome, and by time alone.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import NamedTuple

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.entry import ACTIONS, OUTCOMES, kinds
from plexe_auth.model.instant import checked_instant, to_microseconds
from plexe_auth.rows import Compare, Query, Row, above, at_most, equal

_ORDER = ("at", "turn")
_NO_TURN = 1 << 63
_OWNERS = ("account_id", "key_id", "user_id")

Place = tuple[int, int]


class Search(NamedTuple):
    """Which entries are looked for.

    Attributes:
        stretches: the conditions of each query: together they find the entries, each of them by an index.
        since: from this microsecond on.
        until: up to this microsecond.
    """

    stretches: list[tuple[Compare, ...]]
    since: int | None
    until: int | None

    def query(self, stretch: tuple[Compare, ...], place: Place | None, limit: int, oldest: int | None) -> Query:
        """Return the query for the next `limit` entries of a stretch.

        Args:
            stretch: one of `stretches`.
            place: of the last entry before; ``None`` begins with the newest.
            limit: so many.
            oldest: the instant of an entry beyond which none is wanted any more, where there is one.
        """
        since = self.since if oldest is None else oldest
        span = [] if since is None else [above("at", since - 1)]
        if self.until is not None:
            span.append(at_most("at", self.until))
        return Query("entries", (*stretch, *span), _ORDER, place, limit)


def search(
    account_id: str | None,
    key_id: str | None,
    user_id: str | None,
    action: str | None,
    outcome: str | None,
    since: datetime | None,
    until: datetime | None,
) -> Search:
    """Return what all these arguments look for.

    Raises:
        InvalidRequest: one of them is not acceptable; ``field`` names it.
    """
    owners = tuple(
        equal(name, _text(name, one))
        for name, one in zip(_OWNERS, (account_id, key_id, user_id), strict=True)
        if one is not None
    )
    _check_choice("action", action, ACTIONS)
    _check_choice("outcome", outcome, OUTCOMES)
    first = None if since is None else _instant("since", since)
    last = None if until is None else _instant("until", until) - 1
    if owners:
        return Search([(*owners, *one) for one in _of_kinds(action, outcome)], first, last)
    return Search(list(_of_actions(action, outcome)), first, last)


def _of_kinds(action: str | None, outcome: str | None) -> Iterator[tuple[Compare, ...]]:
    for number, mixed in kinds(action, outcome):
        yield (equal("kind", number), equal("action", action)) if mixed else (equal("kind", number),)


def _of_actions(action: str | None, outcome: str | None) -> Iterator[tuple[Compare, ...]]:
    if action is None and outcome is None:
        yield ()
        return
    # The index is by action and outcome and then by time: where one is left open, each of its values is looked for.
    actions, outcomes = ACTIONS if action is None else (action,), OUTCOMES if outcome is None else (outcome,)
    for one, other in product(actions, outcomes):
        yield equal("action", one), equal("outcome", other)


def cursor(row: Row) -> str:
    """Return the ``next`` of a page whose last row that is."""
    return f"{row['at']}.{row['turn']}"


def position(after: object) -> Place | None:
    """Return the place that a ``next`` stands for.

    Raises:
        InvalidRequest: it is none.
    """
    if after is None:
        return None
    found = re.fullmatch(r"([0-9]{1,18})\.([0-9]{1,19})", after, re.ASCII) if isinstance(after, str) else None
    if found is None or int(found[2]) >= _NO_TURN:
        raise InvalidRequest("after must be the next of an earlier page.", field="after")
    return int(found[1]), int(found[2])


def _text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidRequest(f"{field} must be a text.", field=field)
    return value.encode(errors="replace").decode().replace("\0", "\ufffd")  # as such a one would stand in the log


def _check_choice(field: str, value: object, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        raise InvalidRequest(f"{field} must be one of {', '.join(choices)}.", field=field)


def _instant(field: str, value: datetime) -> int:
    return to_microseconds(checked_instant(field, value))
