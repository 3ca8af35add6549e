"""What goes in: the bodies and queries that are accepted, and no member more."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from plexe_auth.manage import told
from plexe_auth.model.entry import ACTIONS

# Patterns are told, and left to the services to hold: msgspec 0.22 frees twice what it made of one where the text that
# has it may also be a list, and the process dies.
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=255,
        description="What its owner calls it.",
        examples=["CI"],
        extra_json_schema={"pattern": told.TEXT},
    ),
]
Grant = Annotated[str, Meta(extra_json_schema={"pattern": told.GRANT})]
Grants = Annotated[
    Annotated[str, Meta(extra_json_schema={"pattern": told.GRANTS})] | Annotated[list[Grant], Meta(max_length=200)],
    Meta(
        description="What it may do: several permissions, or one text with spaces between them.",
        examples=[["models:read", "jobs:write"], "read"],
    ),
]
Networks = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=64, extra_json_schema=dict(told.NETWORK))]],
    Meta(
        max_length=100,
        description="Addresses and CIDR blocks that it may be used from; none is anywhere.",
        examples=[["203.0.113.0/24", "2001:db8::1"]],
    ),
]
Rate = Annotated[
    str, Meta(min_length=1, max_length=200, examples=["100/minute; 5000/day"], extra_json_schema=dict(told.RATE))
]
Metadata = Annotated[
    Any,
    Meta(
        description="Your own, at most 16 KiB and 32 levels deep.",
        examples=[{"team": "ml"}],
        extra_json_schema=dict(told.METADATA),
    ),
]
Instant = Annotated[datetime, Meta(tz=True, examples=["2027-01-01T00:00:00Z"])]
_BEFORE = "The `next` of the page before."
KeyCursor = Annotated[str, Meta(description=_BEFORE, extra_json_schema=dict(told.KEY_CURSOR))]
EntryCursor = Annotated[str, Meta(description=_BEFORE, extra_json_schema=dict(told.ENTRY_CURSOR))]
Action = Annotated[str, Meta(extra_json_schema={"enum": list(ACTIONS)})]
Days = Annotated[float, Meta(ge=0.001, le=36_525, description="How many days it lives.", examples=[90])]
Hours = Annotated[float, Meta(ge=0, le=87_600, description="How long the old key goes on working.", examples=[24])]


class NewKey(Struct, forbid_unknown_fields=True):
    """A key that is asked for."""

    name: Name
    permissions: Grants
    expires_in_days: Days | None = None
    allowed_ips: Networks | None = None
    rate: Rate | None = None
    metadata: Metadata = None


class KeyChange(Struct, forbid_unknown_fields=True):
    """What is to be another way; what is left out stays as it is."""

    name: Name | UnsetType = UNSET
    permissions: Grants | UnsetType = UNSET
    expires_at: Instant | None | UnsetType = UNSET
    allowed_ips: Networks | UnsetType = UNSET
    rate: Rate | None | UnsetType = UNSET
    metadata: Metadata = UNSET


class Rotation(Struct, forbid_unknown_fields=True):
    """How a key hands over."""

    overlap_hours: Hours = 24.0


class KeysAsked(Struct, forbid_unknown_fields=True):
    """Which keys."""

    after: KeyCursor | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    status: Literal["active", "expired", "revoked", "disabled"] | None = None


class EntriesAsked(Struct, forbid_unknown_fields=True):
    """Which entries of the access log."""

    key_id: str | None = None
    user_id: str | None = None
    action: Action | None = None
    outcome: Literal["allowed", "denied"] | None = None
    since: Instant | None = None
    until: Instant | None = None
    after: EntryCursor | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class UsageAsked(Struct, forbid_unknown_fields=True):
    """Which span: from `since` up to but not at `until`, at most 366 days, 31 by hour; by default the last thirty."""

    since: Instant | None = None
    until: Instant | None = None
    by: Literal["key", "hour", "day"] = "key"
