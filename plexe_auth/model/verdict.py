"""Whether a key that was found may be used now, here and for this: one list of checks, told in one order.

The order is revoked, disabled, account, expired, address, permission. Each check says what is wrong, for the operator's
eyes, or nothing. `refusal` stops at the first that says something, `checks` gives them all; both walk the same list,
so that there is no second way to the decision.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from plexe_auth.errors import (
    AccountSuspended,
    AuthError,
    DisabledKey,
    ExpiredKey,
    InsufficientPermissions,
    IPNotAllowed,
    RevokedKey,
)
from plexe_auth.model import account as accounts
from plexe_auth.model.account import Account
from plexe_auth.model.key import APIKey, from_row
from plexe_auth.model.network import address, contains
from plexe_auth.rows import Row


@dataclass(frozen=True, slots=True)
class Case:
    """A key, and what is asked of it."""

    key: APIKey
    account: Account
    now: datetime
    permission: str | None = None
    ip: str | None = None

    @classmethod
    def of(cls, row: Row, now: datetime, permission: str | None = None, ip: str | None = None) -> Self:
        """Return the case of a key's row that was read along with its account."""
        key = from_row(row)
        return cls(key, accounts.from_row(key.account_id, row["account"]), now, permission, ip)


@dataclass(frozen=True, slots=True)
class Check:
    """One check by name, whether it passed, and where it did not, a sentence for the operator that says why."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What would be decided of a key, and every check that leads there.

    Attributes:
        allowed: whether it would be accepted.
        code: the wire code of the refusal, or ``None``.
        checks: every check that could be made, in order.
    """

    allowed: bool
    code: str | None
    checks: tuple[Check, ...]


def _revoked(case: Case) -> str | None:
    key = case.key
    if key.revoked_at is not None:
        return f"Revoked at {key.revoked_at.isoformat()}{_because(key.revoked_reason)}."
    if key.retires_at is not None and key.revoked(case.now):
        return f"Rotated into {key.rotated_to}, and the overlap ended at {key.retires_at.isoformat()}."
    return None


def _disabled(case: Case) -> str | None:
    since = case.key.disabled_at
    return None if since is None else f"Disabled since {since.isoformat()}."


def _suspended(case: Case) -> str | None:
    since, reason = case.account.suspended_at, case.account.suspended_reason
    return None if since is None else f"The account is suspended since {since.isoformat()}{_because(reason)}."


def _expired(case: Case) -> str | None:
    ended = case.key.expires_at
    return f"Expired at {ended.isoformat()}." if ended is not None and case.key.expired(case.now) else None


def _elsewhere(case: Case) -> str | None:
    allowed = case.key.allowed_ips
    if not allowed:
        return None
    client = address(case.ip)
    if client is not None and contains(allowed, client):
        return None
    return f"{client or 'An unknown address'} is in none of {', '.join(allowed)}."


def _unpermitted(case: Case) -> str | None:
    held = case.key.permissions
    if case.permission is None or held.covers(case.permission):
        return None
    return f"It grants {held or 'nothing'}, which does not cover {case.permission}."


def _because(reason: str | None) -> str:
    return f" ({reason})" if reason else ""


Rule = tuple[str, Callable[[Case], str | None], type[AuthError]]
STANDING: tuple[Rule, ...] = (
    ("revoked", _revoked, RevokedKey),
    ("disabled", _disabled, DisabledKey),
    ("account", _suspended, AccountSuspended),
    ("expired", _expired, ExpiredKey),
)
RULES: tuple[Rule, ...] = (
    *STANDING,
    ("ip", _elsewhere, IPNotAllowed),
    ("permission", _unpermitted, InsufficientPermissions),
)


def refusal(case: Case, rules: tuple[Rule, ...] = RULES) -> AuthError | None:
    """Return the first refusal, or ``None`` when every check passes."""
    for _name, fault, refused in rules:
        if fault(case) is not None:
            return refused()
    return None


def checks(case: Case) -> Iterator[tuple[Check, str | None]]:
    """Give every check with the wire code that its failure has."""
    for name, fault, refused in RULES:
        told = fault(case)
        yield Check(name, told is None, told or ""), None if told is None else refused.code
