"""An identity is who a provider says somebody is: issuer and subject, to the byte, and nothing that may change."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from plexe_auth.model.instant import from_microseconds, to_microseconds
from plexe_auth.model.provider import Provider
from plexe_auth.rows import Row, Value

if TYPE_CHECKING:
    from plexe_auth.model.claims import Identity


@dataclass(frozen=True, slots=True)
class LinkedIdentity:
    """A way to sign in at a provider that is linked to a user.

    Attributes:
        id: opaque and unique.
        user_id: whose.
        provider: the name of the provider, as in ``Settings.oauth``.
        email: the address that the provider had when it was linked, or ``None``.
        created_at: when that was.
    """

    id: str
    user_id: str
    provider: str
    email: str | None
    created_at: datetime


def place(provider: Provider, identity: "Identity") -> str:
    """Return the id of the only row that an identity can have."""
    parts = (provider.id.encode(), identity.issuer.encode(), identity.subject.encode())
    return hashlib.sha256(b"".join(len(one).to_bytes(4) + one for one in parts)).hexdigest()


def new_row(provider: Provider, identity: "Identity", user_id: str, now: datetime) -> dict[str, Value]:
    """Return the row that links an identity to a user."""
    return {
        "id": place(provider, identity),
        "user_id": user_id,
        "provider": provider.id,
        "issuer": identity.issuer,
        "subject": identity.subject,
        "email": identity.email,
        "created_at": to_microseconds(now),
    }


def from_row(row: Row) -> LinkedIdentity:
    """Return the identity that a row keeps."""
    made = from_microseconds(row["created_at"])
    name = row["provider"].partition(":")[2]
    return LinkedIdentity(row["id"], row["user_id"], name, row["email"], made)
