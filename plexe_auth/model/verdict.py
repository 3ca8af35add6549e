"""Whether a key that was found may be used now, here and for this: one list of checks, told in one order.

The order is revoked, disabled, account, expired, address, permission. `refusal` stops at the first that fails,
`checks` gives them all; both walk the same list, so that there is no second way to the decision.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from plexe_auth.errors import (
    AccountSuspended,
    AuthError,
    DisabledKey,
    ExpiredKey,
    InsufficientPermissions,
    IPNotAllowed,
    RevokedKey,
)
from plexe_auth.model.account import Account
from plexe_auth.model.key import APIKey
from plexe_auth.model.network import address, contains


@dataclass(frozen=True, slots=True)
class Case:
    """A key, and what is asked of it."""

    key: APIKey
    account: Account
    now: datetime
    permission: str | None = None
    ip: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One check by name, whether it passed, and a sentence for the operator."""

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


def _not_revoked(case: Case) -> bool:
    return not case.key.revoked(case.now)


def _enabled(case: Case) -> bool:
    return case.key.disabled_at is None


def _account_active(case: Case) -> bool:
    return case.account.status == "active"


def _not_expired(case: Case) -> bool:
    return not case.key.expired(case.now)


def _address_allowed(case: Case) -> bool:
    if not case.key.allowed_ips:
        return True
    client = address(case.ip)
    return client is not None and contains(case.key.allowed_ips, client)


def _permitted(case: Case) -> bool:
    return case.permission is None or case.key.permissions.covers(case.permission)


Rule = tuple[str, Callable[[Case], bool], type[AuthError]]
STANDING: tuple[Rule, ...] = (
    ("revoked", _not_revoked, RevokedKey),
    ("disabled", _enabled, DisabledKey),
    ("account", _account_active, AccountSuspended),
    ("expired", _not_expired, ExpiredKey),
)
RULES: tuple[Rule, ...] = (
    *STANDING,
    ("ip", _address_allowed, IPNotAllowed),
    ("permission", _permitted, InsufficientPermissions),
)


def refusal(case: Case, rules: tuple[Rule, ...] = RULES) -> AuthError | None:
    """Return the first refusal, or ``None`` when every check passes."""
    for _name, passes, refused in rules:
        if not passes(case):
            return refused()
    return None


def checks(case: Case) -> Iterator[tuple[Check, str | None]]:
    """Give every check with the wire code that its failure has."""
    for name, passes, refused in RULES:
        good = passes(case)
        yield Check(name, good, "" if good else refused.explanation), None if good else refused.code
