"""An API key as its owner sees it, and as a row; the key's own text is in neither."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from plexe_auth.model.instant import from_microseconds, maybe_instant, maybe_microseconds, to_microseconds
from plexe_auth.model.metadata import decoded
from plexe_auth.model.permission import Permissions
from plexe_auth.model.terms import Terms, earliest
from plexe_auth.rows import AnyOf, Condition, Row, Value, at_most, equal, present, unset_or_above
from plexe_auth.secret import Secret

Status = Literal["active", "expired", "revoked", "disabled"]
STATUSES: tuple[Status, ...] = ("active", "expired", "revoked", "disabled")


@dataclass(frozen=True, slots=True)
class APIKey:
    """What is known of a key. Instants are aware and in UTC.

    Attributes:
        id: opaque; it opens nothing.
        account_id: the account that the key acts for.
        name: what its owner calls it.
        hint: the first and last characters, to recognise a key by.
        permissions: what it may do.
        created_at: when it was made.
        expires_at: from this instant on it is refused; ``None`` is never.
        last_used_at: when it was last accepted, to within the time that usage is gathered.
        revoked_at: when it was revoked.
        revoked_reason: why, if somebody said so.
        disabled_at: since when it is disabled.
        rotated_to: the id of the key that took its place.
        rotated_at: when it did.
        retires_at: when a rotated key's overlap ends; from then on it counts as revoked.
        allowed_ips: addresses and CIDR blocks it may be used from; empty is anywhere.
        rate: how often, such as ``100/minute; 5000/day``.
        metadata: the host's own JSON object.
        family: the same for a key and all keys it was rotated into; they share one rate limit.
        version: how often it was changed, this state included; using it changes nothing.
    """

    id: str
    account_id: str
    name: str
    hint: str
    permissions: Permissions
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_reason: str | None = None
    disabled_at: datetime | None = None
    rotated_to: str | None = None
    rotated_at: datetime | None = None
    retires_at: datetime | None = None
    allowed_ips: tuple[str, ...] = ()
    rate: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    family: str = ""
    version: int = field(default=1, repr=False, compare=False)

    def revoked(self, now: datetime) -> bool:
        """Tell whether at `now` it was revoked, or was rotated and the overlap is over."""
        return self.revoked_at is not None or (self.retires_at is not None and self.retires_at <= now)

    def expired(self, now: datetime) -> bool:
        """Tell whether `now` is at or past `expires_at`."""
        return self.expires_at is not None and self.expires_at <= now

    def status(self, now: datetime) -> Status:
        """Return the first that holds at `now`: revoked, disabled, expired, active."""
        if self.revoked(now):
            return "revoked"
        if self.disabled_at is not None:
            return "disabled"
        return "expired" if self.expired(now) else "active"

    @property
    def terms(self) -> Terms:
        """What it may do, until when it does, from where and how often."""
        ends_at = earliest(self.expires_at, self.retires_at)
        return Terms(self.permissions, ends_at, self.allowed_ips, self.rate)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key. `secret` holds its text, here and never again."""

    secret: Secret
    key: APIKey


def from_row(row: Row) -> APIKey:
    """Return the key that a row keeps. Permissions that nobody could have written there grant nothing."""
    return APIKey(
        id=row["id"],
        account_id=row["account_id"],
        name=row["name"],
        hint=row["hint"],
        permissions=Permissions.stored(row["permissions"]),
        created_at=from_microseconds(row["created_at"]),
        expires_at=maybe_instant(row["expires_at"]),
        last_used_at=maybe_instant(row["last_used_at"]),
        revoked_at=maybe_instant(row["revoked_at"]),
        revoked_reason=row["revoked_reason"],
        disabled_at=maybe_instant(row["disabled_at"]),
        rotated_to=row["rotated_to"],
        rotated_at=maybe_instant(row["rotated_at"]),
        retires_at=maybe_instant(row["retires_at"]),
        allowed_ips=tuple((row["allowed_ips"] or "").split()),
        rate=row["rate"],
        metadata=decoded(row["metadata"]),
        family=row["family"],
        version=row["version"],
    )


def new_row(key_id: str, digest: bytes, fixed: Mapping[str, Value], now: datetime) -> dict[str, Value]:
    """Return the row of a key that begins its life at `now`; what `fixed` does not name starts empty."""
    later = (
        "last_used_at",
        "revoked_at",
        "revoked_reason",
        "disabled_at",
        "rotated_to",
        "rotated_at",
        "retires_at",
    )
    born: dict[str, Value] = {
        "id": key_id,
        "digest": digest,
        "created_at": to_microseconds(now),
        "family": key_id,
        "version": 1,
    }
    return {**dict.fromkeys(later), **born, **fixed}


def terms_columns(terms: Terms | APIKey) -> dict[str, Value]:
    """Return the columns that keep a key's terms."""
    return {
        "permissions": str(terms.permissions),
        "expires_at": maybe_microseconds(terms.expires_at),
        "allowed_ips": " ".join(terms.allowed_ips),
        "rate": terms.rate,
    }


def status_of(row: Row, now: datetime) -> Status:
    """Return the status of a row's key at `now`: the same rule as `APIKey.status`."""
    if row["revoked_at"] is not None or _is_past(row["retires_at"], now):
        return "revoked"
    if row["disabled_at"] is not None:
        return "disabled"
    return "expired" if _is_past(row["expires_at"], now) else "active"


def _is_past(instant: int | None, now: datetime) -> bool:
    return instant is not None and instant <= to_microseconds(now)


def in_status(status: Status, now: datetime) -> tuple[Condition, ...]:
    """Return the conditions under which a row's key has `status` at `now`: the same rule as `APIKey.status`."""
    instant = to_microseconds(now)
    standing = (equal("revoked_at", None), unset_or_above("retires_at", instant))
    return {
        "revoked": (AnyOf((present("revoked_at"), at_most("retires_at", instant))),),
        "disabled": (*standing, present("disabled_at")),
        "expired": (*standing, equal("disabled_at", None), at_most("expires_at", instant)),
        "active": (*standing, equal("disabled_at", None), unset_or_above("expires_at", instant)),
    }[status]
