"""An account is whatever the host bills and suspends as one; until it is suspended nobody has to set it up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from plexe_auth.model.instant import maybe_instant
from plexe_auth.rows import Row


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of an account.

    Attributes:
        id: the host's own id for it.
        status: ``"active"`` or ``"suspended"``.
        suspended_at: since when it is suspended.
        suspended_reason: why, if somebody said so.
    """

    id: str
    status: Literal["active", "suspended"] = "active"
    suspended_at: datetime | None = None
    suspended_reason: str | None = None


def from_row(account_id: str, row: Row | None) -> Account:
    """Return the account that a row keeps; an account without a row is active."""
    if row is None or row["suspended_at"] is None:
        return Account(account_id)
    return Account(account_id, "suspended", maybe_instant(row["suspended_at"]), row["suspended_reason"])
