"""An invitation asks one address into one account: the newest is the only one, good once and for a week.

Its text is as random as a key's and kept as a digest. It goes to the address and to nobody else, so that whoever brings
it back has shown the mailbox.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from plexe_auth.identifier import base62
from plexe_auth.model.instant import from_microseconds, to_microseconds
from plexe_auth.model.ticket import Kind
from plexe_auth.rows import Row, Value

# Longer than what opens an account that is there: who is away comes back to it, and what it makes holds nothing yet.
INVITE = Kind("invite", timedelta(days=7), "/accept-invitation")

_ID_LENGTH = 22
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody is asked into an account. The token is no part of it: it stands in the letter alone.

    Attributes:
        id: opaque; it opens nothing. A newer invitation of the same address into the same account has the same.
        account_id: the account that they are to join.
        email: whom the letter went to, and the address that the user will have.
        role: what they will be there.
        invited_by: the id of the user or key who asked for it; ``None`` where trusted code did.
        created_at: when it was made.
        expires_at: when it ends unless it is accepted.
    """

    id: str
    account_id: str
    email: str
    role: str
    invited_by: str | None
    created_at: datetime
    expires_at: datetime


def place(account_id: str, canonical: str) -> str:
    """Return the id of the only invitation of that address into that account."""
    told = hashlib.sha256(f"{account_id}\0{canonical}".encode()).digest()
    return f"inv_{base62(int.from_bytes(told), _ID_LENGTH)}"


def new_row(fixed: Mapping[str, Value], digest: bytes, now: datetime) -> Row:
    """Return the row of an invitation that is made at `now`; `fixed` says whom, where, as what, and who asked."""
    began = to_microseconds(now)
    ends = {"created_at": began, "expires_at": began + INVITE.lasts // _MICROSECOND}
    return {**fixed, "id": place(str(fixed["account_id"]), str(fixed["canonical"])), "digest": digest, **ends}


def from_row(row: Row) -> Invitation:
    """Return the invitation that a row keeps."""
    return Invitation(
        id=row["id"],
        account_id=row["account_id"],
        email=row["email"],
        role=row["role"],
        invited_by=row["invited_by"],
        created_at=from_microseconds(row["created_at"]),
        expires_at=from_microseconds(row["expires_at"]),
    )


def is_good(row: Row, now: datetime) -> bool:
    """Tell whether an invitation has not expired."""
    return to_microseconds(now) < int(row["expires_at"])
