"""An entry of the access log: what was decided or done, for whom, from where; it is never changed once it stands."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any, Literal

from plexe_auth.model.instant import from_microseconds
from plexe_auth.model.text import storable
from plexe_auth.rows import Row, Value

Outcome = Literal["allowed", "denied"]

VERIFIED = "key.verify"
UNREADABLE = "log.unreadable"
_KEYS = ("create", "update", "rotate", "revoke", "revoke_all", "revoke_leaked", "disable", "enable")
_ACCOUNTS = ("account.suspend", "account.resume", "account.require_mfa", "account.waive_mfa")
_SESSIONS = ("verify", "challenge", "sign_in", "sign_out", "reauthenticate", "revoke", "revoke_all")
_USERS = (
    *("create", "register", "disable", "enable", "delete", "change_password", "reset_password", "change_role"),
    *("verify_email", "change_email"),
)
_IDENTITIES = ("link", "unlink")
_FACTORS = ("add", "rename", "remove", "renew_recovery_codes")
_INVITATIONS = ("create", "revoke")
ACTIONS = (
    VERIFIED,
    *(f"key.{verb}" for verb in _KEYS),
    *_ACCOUNTS,
    *(f"session.{verb}" for verb in _SESSIONS),
    *(f"user.{verb}" for verb in _USERS),
    *(f"invitation.{verb}" for verb in _INVITATIONS),
    *(f"factor.{verb}" for verb in _FACTORS),
    *(f"identity.{verb}" for verb in _IDENTITIES),
    UNREADABLE,
)
OUTCOMES: tuple[Outcome, ...] = ("allowed", "denied")

# What comes by the million stands apart in the indexes, so that what is rare beside it is found as fast.
_OFTEN = (VERIFIED, "session.verify")
KINDS: tuple[tuple[str | None, Outcome], ...] = tuple(product((*_OFTEN, None), OUTCOMES))
_NUMBERS: Mapping[tuple[str | None, str], int] = {kind: number for number, kind in enumerate(KINDS)}

# In the order of a line of the spool, which is that of the columns: the longest text of each, 0 for the instant.
FIELDS: Mapping[str, int] = {
    "at": 0,
    "action": 64,
    "outcome": 16,
    "code": 64,
    "account_id": 255,
    "key_id": 64,
    "user_id": 64,
    "session_id": 64,
    "ip": 64,
    "user_agent": 512,
    "method": 32,
    "path": 1024,
    "request_id": 200,
    "detail": 1000,
}
_LONGEST = tuple(FIELDS.values())
_NAMES = tuple(FIELDS)
_COLUMNS = ("id", "turn", *FIELDS, "kind", "chained")
_COUNT = len(FIELDS)
LATEST = 253_402_300_799_999_999  # the end of the year 9999, in microseconds since 1970

_LEAST = 3  # the instant, the action and the outcome are always told

Values = tuple[Any, ...]
Told = tuple[Values, str]  # and the line that tells them

_UNREADABLE: Values = (0, UNREADABLE, "denied", *(None,) * (_COUNT - _LEAST))


@dataclass(frozen=True, slots=True)
class LogEntry:
    """What was decided or done.

    Attributes:
        id: opaque and unique.
        at: when, in UTC.
        action: what it was about, such as ``key.verify`` or ``key.revoke``.
        outcome: ``"allowed"`` or ``"denied"``.
        code: the wire code of the refusal; ``None`` where it was allowed.
        account_id: whose.
        key_id: the key it was about, where one was known.
        user_id: the person, where one was known.
        session_id: the session, where there was one.
        ip: the client's address.
        user_agent: what the client called itself, at most 512 characters of it.
        method: the method of the request.
        path: the path of the request without its query, at most 1,024 characters of it.
        request_id: what the request is called in the logs of others.
        detail: anything more.
    """

    id: str
    at: datetime
    action: str
    outcome: str
    code: str | None = None
    account_id: str | None = None
    key_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    ip: str | None = None
    user_agent: str | None = None
    method: str | None = None
    path: str | None = None
    request_id: str | None = None
    detail: str | None = None


def from_row(row: Row) -> LogEntry:
    """Return the entry that a row holds."""
    return LogEntry(row["id"], from_microseconds(row["at"]), *(row[name] for name in _NAMES[1:]))


def read(text: str | bytes) -> Told:
    """Return the values of a line of the spool, one for each of `FIELDS`, as every store can keep them; and the line.

    A line that cannot be read gives an entry that says so: nothing that was written down is passed over in silence.
    """
    try:
        found: Any = json.loads(text)
    except ValueError:
        found = None
    values = kept(found) if _is_told(found) else _UNREADABLE
    return values, line(*values)


def kept(told: Sequence[Any]) -> Values:
    """Return the values as a store can keep them: texts too long are cut, what no store can hold is replaced."""
    texts = [
        one if one is None or (len(one) <= longest and one.isascii() and "\0" not in one) else _fitted(one, longest)
        for one, longest in zip(told[1:], _LONGEST[1:], strict=False)
    ]
    return (told[0], *texts, *(None,) * (_COUNT - len(told)))


def _is_told(found: Any) -> bool:
    if not isinstance(found, list):
        return False
    told: list[Any] = found  # pyright: ignore[reportUnknownVariableType]  # it is looked at right here
    return (
        _LEAST <= len(told) <= _COUNT
        and type(told[0]) is int
        and 0 <= told[0] <= LATEST
        and isinstance(told[1], str)
        and told[2] in OUTCOMES
        and all(one is None or isinstance(one, str) for one in told[_LEAST:])
    )


def _fitted(text: str, longest: int) -> str:
    text = text[:longest]
    if not storable(text):
        text = text.encode(errors="replace").decode().replace("\0", "�")
    return text


def row(entry_id: str, turn: int, values: Values, chained: bytes) -> dict[str, Value]:
    """Return the row of an entry, with its place in its chain."""
    return dict(zip(_COLUMNS, (entry_id, turn, *values, kind(values[1], values[2]), chained), strict=True))


def kind(action: str, outcome: str) -> int:
    """Return the place in `KINDS` of entries of an action and outcome."""
    number = _NUMBERS.get((action, outcome))
    return _NUMBERS[None, OUTCOMES[outcome != OUTCOMES[0]]] if number is None else number


def kinds(action: str | None, outcome: str | None) -> tuple[list[int], bool]:
    """Return the kinds in which entries of an action and outcome are, of any where it is ``None``.

    And whether there are none but those of that action in them.
    """
    often = action if action in _OFTEN else None
    numbers = [
        number
        for number, (known, decided) in enumerate(KINDS)
        if outcome in (None, decided) and (action is None or often == known)
    ]
    return numbers, action == often


_encoded = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def canonical(entry: Row) -> str:
    """Return the one text that stands for what an entry tells: its line, as the spool had it."""
    return line(*(entry[name] for name in _NAMES))


def line(*told: object) -> str:
    """Return a line of the spool: the values in the order of `FIELDS`, those that are absent at the end left out."""
    values = list(told)
    while values and values[-1] is None:
        values.pop()
    return _encoded(values)
