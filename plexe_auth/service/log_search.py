"""What is asked of the access log becomes conditions by which an index leads to just those entries, newest first.

An account's entries, a key's and a person's lie there by kind; all entries by action and outcome, and by time alone.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.entry import ACTIONS, OUTCOMES, kinds
from plexe_auth.model.instant import checked_instant, to_microseconds
from plexe_auth.rows import AnyOf, Condition, Row, above, at_most, equal

_NO_TURN = 1 << 63
_OWNERS = ("account_id", "key_id", "user_id")

Place = tuple[int, int]


def search(
    account_id: str | None,
    key_id: str | None,
    user_id: str | None,
    action: str | None,
    outcome: str | None,
    since: datetime | None,
    until: datetime | None,
) -> tuple[Condition, ...]:
    """Return the conditions of the entries that all these arguments ask for.

    Raises:
        InvalidRequest: one of them is not acceptable; ``field`` names it.
    """
    owners = [
        equal(name, _text(name, one))
        for name, one in zip(_OWNERS, (account_id, key_id, user_id), strict=True)
        if one is not None
    ]
    _check_choice("action", action, ACTIONS)
    _check_choice("outcome", outcome, OUTCOMES)
    what = _of_kinds(action, outcome) if owners else _of_actions(action, outcome)
    return *owners, *what, *_from(since), *_up_to(until)


def _of_kinds(action: str | None, outcome: str | None) -> Iterator[Condition]:
    numbers, is_exact = kinds(action, outcome)
    yield _any_of("kind", numbers)
    if action is not None and not is_exact:
        yield equal("action", action)


def _of_actions(action: str | None, outcome: str | None) -> Iterator[Condition]:
    # The index is by action and outcome and then by time: where one is left open, each of its values is looked for.
    if action is not None or outcome is not None:
        yield _any_of("action", ACTIONS if action is None else (action,))
        yield _any_of("outcome", OUTCOMES if outcome is None else (outcome,))


def _any_of(column: str, values: Iterable[str | int]) -> Condition:
    return AnyOf(tuple(equal(column, value) for value in values))


def _from(since: datetime | None) -> Iterator[Condition]:
    if since is not None:
        yield above("at", to_microseconds(checked_instant("since", since)) - 1)


def _up_to(until: datetime | None) -> Iterator[Condition]:
    if until is not None:
        yield at_most("at", to_microseconds(checked_instant("until", until)) - 1)


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
