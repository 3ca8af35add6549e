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
        mfa_required_at: from when on its people get in by a second factor alone; ``None`` where that is up to them.
    """

    id: str
    status: Literal["active", "suspended"] = "active"
    suspended_at: datetime | None = None
    suspended_reason: str | None = None
    mfa_required_at: datetime | None = None

    def demands_mfa(self, now: datetime) -> bool:
        """Tell whether nobody gets in without a second factor at `now`."""
        return self.mfa_required_at is not None and now >= self.mfa_required_at


def from_row(account_id: str, row: Row | None) -> Account:
    """Return the account that a row keeps; an account without a row is active."""
    if row is None:
        return Account(account_id)
    status: Literal["active", "suspended"] = "active" if row["suspended_at"] is None else "suspended"
    since, demanded = maybe_instant(row["suspended_at"]), maybe_instant(row["mfa_required_at"])
    return Account(account_id, status, since, row["suspended_reason"], demanded)
