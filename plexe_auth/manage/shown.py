"""What comes out: never more of a key than its hint, but for the one answer that brings it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeVar

from msgspec import Meta, Struct

from plexe_auth.model.entry import LogEntry
from plexe_auth.model.instant import from_microseconds, maybe_instant
from plexe_auth.model.key import APIKey, IssuedKey, status_of
from plexe_auth.model.metadata import decoded
from plexe_auth.model.permission import Permissions
from plexe_auth.model.principal import Principal
from plexe_auth.model.usage import UsageTotal
from plexe_auth.rows import Row
from plexe_auth.secret import Secret

K = TypeVar("K")

KeyId = Annotated[str, Meta(examples=["key_28dnBvZNOKR6tpgRoTz5sp"])]
Text = Annotated[str, Meta(description="The key itself: here, and never again.", examples=["plx_sk_…"])]


class Key(Struct):
    """A key as its owner sees it."""

    id: KeyId
    account_id: str
    name: str
    hint: Annotated[str, Meta(examples=["plx_sk_liZv…BHRi"])]
    permissions: list[str]
    status: Literal["active", "expired", "revoked", "disabled"]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str | None
    disabled_at: datetime | None
    rotated_to: str | None
    rotated_at: datetime | None
    retires_at: datetime | None
    allowed_ips: tuple[str, ...]
    rate: str | None
    metadata: Mapping[str, Any]

    @classmethod
    def of(cls, key: APIKey, now: datetime) -> "Key":
        """Return how a key is shown at `now`."""
        return _shown(Key, key, now)

    @classmethod
    def kept(cls, row: Row, now: datetime) -> "Key":
        """Return the same of a key's row, without a value of it in between, which would take as long again."""
        return Key(
            row["id"],
            row["account_id"],
            row["name"],
            row["hint"],
            list(Permissions.stored(row["permissions"])),
            status_of(row, now),
            from_microseconds(row["created_at"]),
            maybe_instant(row["expires_at"]),
            maybe_instant(row["last_used_at"]),
            maybe_instant(row["revoked_at"]),
            row["revoked_reason"],
            maybe_instant(row["disabled_at"]),
            row["rotated_to"],
            maybe_instant(row["rotated_at"]),
            maybe_instant(row["retires_at"]),
            tuple((row["allowed_ips"] or "").split()),
            row["rate"],
            decoded(row["metadata"]),
        )


class KeyWithText(Key):
    """A new key, with its text."""

    key: Text

    @classmethod
    def issued(cls, issued: IssuedKey, now: datetime) -> "KeyWithText":
        """Return how a key that was just made is shown, this once."""
        return _shown(KeyWithText, issued.key, now, issued.secret)

    def __repr__(self) -> str:
        return f"KeyWithText({self.id!r}, …)"


class KeyList(Struct):
    """Some of an account's keys, newest first."""

    items: list[Key]
    next: str | None


class Entry(Struct):
    """An entry of the access log."""

    id: str
    at: datetime
    action: str
    outcome: Literal["allowed", "denied"]
    code: str | None
    account_id: str | None
    key_id: str | None
    user_id: str | None
    session_id: str | None
    ip: str | None
    user_agent: str | None
    method: str | None
    path: str | None
    request_id: str | None
    detail: str | None

    @classmethod
    def of(cls, entry: LogEntry) -> Self:
        """Return how an entry is shown."""
        return cls(*[getattr(entry, name) for name in _OF_ENTRY])


class EntryList(Struct):
    """Some entries of the access log, newest first."""

    items: list[Entry]
    next: str | None


class Total(Struct):
    """How often a key was used in a span that begins at `start`; it has no name any more where it is gone."""

    key_id: str
    key_name: str | None
    start: datetime
    allowed: int
    denied: int

    @classmethod
    def of(cls, total: UsageTotal) -> Self:
        """Return how a total is shown."""
        return cls(total.key_id, total.key_name, total.start, total.allowed, total.denied)


class TotalList(Struct):
    """Totals of usage, by time and key."""

    items: list[Total]
    next: str | None


class Me(Struct):
    """Who asks."""

    kind: Literal["key", "session"]
    id: str
    account_id: str
    user_id: str | None
    permissions: list[str]
    authenticated_at: datetime | None

    @classmethod
    def of(cls, one: Principal) -> Self:
        """Return how a principal is shown to itself."""
        return cls(one.kind, one.id, one.account_id, one.user_id, list(one.permissions), one.authenticated_at)


_OF_ENTRY = Entry.__struct_fields__


def _shown(kind: Callable[..., K], key: APIKey, now: datetime, *text: Secret) -> K:
    """Return what is shown of a key, in the order of `Key`; and, this once, its text."""
    return kind(
        key.id,
        key.account_id,
        key.name,
        key.hint,
        list(key.permissions),
        key.status(now),
        key.created_at,
        key.expires_at,
        key.last_used_at,
        key.revoked_at,
        key.revoked_reason,
        key.disabled_at,
        key.rotated_to,
        key.rotated_at,
        key.retires_at,
        key.allowed_ips,
        key.rate,
        key.metadata,
        *(one.reveal() for one in text),
    )
