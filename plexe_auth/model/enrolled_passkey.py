"""A passkey as its owner knows it, and as a row keeps it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from plexe_auth.model.instant import from_microseconds, maybe_instant, to_microseconds
from plexe_auth.model.passkey import Assertion, Passkey, user_handle
from plexe_auth.rows import Condition, Row, Value, at_most, equal
from plexe_auth.secret import digest

MOST = 20  # of one person: whoever has more devices than that has forgotten some


@dataclass(frozen=True, slots=True)
class EnrolledPasskey:
    """A passkey that somebody can sign in by.

    Attributes:
        id: opaque and unique; it opens nothing.
        user_id: whose.
        name: what they call it. Escape it where you show it.
        created_at: when it was added.
        last_used_at: when somebody last signed in by it; ``None`` until then.
        backed_up: whether it lives in more than one place, so that it is not lost with the device.
        aaguid: the model of the authenticator, where it tells.
    """

    id: str
    user_id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool
    aaguid: str


def from_row(row: Row) -> EnrolledPasskey:
    """Return the passkey that a row keeps, as its owner knows it."""
    return EnrolledPasskey(
        id=row["id"],
        user_id=row["user_id"],
        name=row["name"],
        created_at=from_microseconds(row["created_at"]),
        last_used_at=maybe_instant(row["last_used_at"]),
        backed_up=bool(row["backed_up"]),
        aaguid=row["aaguid"],
    )


def credential(row: Row) -> Passkey:
    """Return the passkey that a row keeps, as its signatures are verified."""
    return Passkey(
        credential_id=_read(row["credential"]),
        public_key=_read(row["public_key"]),
        user_handle=user_handle(row["user_id"]),
        sign_count=row["sign_count"],
        backup_eligible=bool(row["backup_eligible"]),
        backed_up=bool(row["backed_up"]),
        transports=tuple(row["transports"].split()),
        aaguid=row["aaguid"],
    )


def new_row(passkey_id: str, passkey: Passkey, owner: Mapping[str, Value], now: datetime) -> dict[str, Value]:
    """Return the row of a passkey that is added at `now`; `owner` holds ``user_id`` and ``name``."""
    return {
        "id": passkey_id,
        "digest": name_of(passkey.credential_id),
        **owner,
        "credential": _written(passkey.credential_id),
        "public_key": _written(passkey.public_key),
        "sign_count": passkey.sign_count,
        "backup_eligible": int(passkey.backup_eligible),
        "backed_up": int(passkey.backed_up),
        "transports": " ".join(passkey.transports),
        "aaguid": passkey.aaguid,
        "created_at": to_microseconds(now),
        "last_used_at": None,
    }


def used(said: Assertion, now: datetime) -> dict[str, Value]:
    """Return the columns of a passkey that has signed at `now`."""
    return {"sign_count": said.sign_count, "backed_up": int(said.backed_up), "last_used_at": to_microseconds(now)}


def counts_on(said: Assertion) -> Condition:
    """Match a passkey whose count is still below what it has told; one that does not count stays at 0."""
    return at_most("sign_count", said.sign_count - 1) if said.sign_count else equal("sign_count", 0)


def name_of(credential_id: bytes) -> bytes:
    """Return what a passkey is looked up by; an id of 1,023 bytes is too long for an index."""
    return digest(b"plexe_auth passkey\0" + credential_id)


def _written(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _read(text: str) -> bytes:
    return base64.b64decode(text)
