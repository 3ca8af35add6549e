"""A user is a person who signs in to an account; what proves that it is them is never part of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from plexe_auth.model.instant import from_microseconds, maybe_instant, to_microseconds
from plexe_auth.rows import Row, Value


@dataclass(frozen=True, slots=True)
class User:
    """A person.

    Attributes:
        id: opaque and unique.
        account_id: the account they belong to.
        email: their address, as they wrote it. Mail goes there and nowhere else.
        name: what they are called; may be empty.
        role: ``"owner"``, ``"admin"``, ``"member"`` or ``"viewer"``: what they may do in their account.
        created_at: when they were made.
        verified_at: when they proved that mail to their address reaches them; ``None`` until then.
        disabled_at: since when they cannot sign in; ``None`` where they can.
        has_password: they may sign in by password.
    """

    id: str
    account_id: str
    email: str
    name: str
    role: str
    created_at: datetime
    verified_at: datetime | None
    disabled_at: datetime | None
    has_password: bool

    @property
    def status(self) -> Literal["active", "disabled"]:
        """Whether they may sign in at all."""
        return "active" if self.disabled_at is None else "disabled"


def from_row(row: Row) -> User:
    """Return the user that a row keeps."""
    return User(
        id=row["id"],
        account_id=row["account_id"],
        email=row["email"],
        name=row["name"],
        role=row["role"],
        created_at=from_microseconds(row["created_at"]),
        verified_at=maybe_instant(row["verified_at"]),
        disabled_at=maybe_instant(row["disabled_at"]),
        has_password=row["password"] is not None,
    )


def new_row(user_id: str, fixed: Mapping[str, Value], now: datetime) -> dict[str, Value]:
    """Return the row of a user who begins at `now`; what `fixed` does not name starts empty."""
    later = dict.fromkeys(("password", "verified_at", "disabled_at"))
    return {**later, "id": user_id, "created_at": to_microseconds(now), "version": 1, **fixed}
