"""Which tables there are: columns, what is unique, what is looked up, and which row goes with which."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

PREFIX = "plexe_auth_"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of texts (`longest` in characters), byte strings (`longest` in bytes) or integers of 64 bits."""

    name: str
    kind: Literal["text", "long_text", "bytes", "integer"]
    longest: int = 0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Its first column is its primary key.

    Attributes:
        unique: columns in which no two rows hold the same value.
        indexes: columns by which rows are filtered and ordered together.
        references: by name, the column here that holds the id of a row there.
    """

    name: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    @property
    def key(self) -> str:
        """The name of the primary key."""
        return self.columns[0].name

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(column.name for column in self.columns)


def _text(name: str, longest: int = 255, *, optional: bool = False) -> Column:
    return Column(name, "text", longest, optional)


def _instant(name: str, *, optional: bool = True) -> Column:
    return Column(name, "integer", 0, optional)


KEYS = Table(
    "keys",
    (
        _text("id", 64),
        _text("account_id"),
        _text("name"),
        Column("digest", "bytes", 32),
        _text("hint", 64),
        Column("permissions", "long_text"),
        _instant("created_at", optional=False),
        _instant("expires_at"),
        _instant("last_used_at"),
        _instant("revoked_at"),
        _text("revoked_reason", 1000, optional=True),
        _instant("disabled_at"),
        _text("rotated_to", 64, optional=True),
        _instant("rotated_at"),
        _instant("retires_at"),
        Column("allowed_ips", "long_text"),
        _text("rate", 200, optional=True),
        Column("metadata", "long_text"),
        _text("family", 64),
        Column("version", "integer"),
    ),
    unique=("digest",),
    indexes=(("account_id", "created_at", "id"),),
    references={"account": ("account_id", "accounts")},
)
ACCOUNTS = Table(
    "accounts",
    (_text("id"), _instant("suspended_at"), _text("suspended_reason", 1000, optional=True)),
)
BUDGETS = Table(
    "budgets",
    (_text("bucket"), Column("count", "integer"), _instant("resets_at", optional=False)),
    indexes=(("resets_at",),),
)
EPOCHS = Table("epochs", (_text("id", 64), Column("value", "integer"), Column("staleness", "integer")))
RATES = Table(
    "rates",
    (
        _text("id", 64),
        _instant("starts_at", optional=False),
        Column("hits", "integer"),
        Column("previous", "integer"),
        _instant("expires_at", optional=False),
    ),
    indexes=(("expires_at", "id"),),
)
RATE_HITS = Table(
    "rate_hits",
    (
        _text("id", 80),
        _text("bucket", 64),
        Column("place", "integer"),
        _instant("hit_at", optional=False),
        _instant("expires_at", optional=False),
    ),
    indexes=(("bucket", "place", "id"), ("expires_at", "id")),
)
ENTRIES = Table(
    "entries",
    (
        _text("id", 64),
        Column("turn", "integer"),
        _instant("at", optional=False),
        _text("action", 64),
        _text("outcome", 16),
        _text("code", 64, optional=True),
        _text("account_id", optional=True),
        _text("key_id", 64, optional=True),
        _text("user_id", 64, optional=True),
        _text("session_id", 64, optional=True),
        _text("ip", 64, optional=True),
        _text("user_agent", 512, optional=True),
        _text("method", 32, optional=True),
        _text("path", 1024, optional=True),
        _text("request_id", 200, optional=True),
        _text("detail", 1000, optional=True),
        Column("chained", "bytes", 32),
    ),
    indexes=(
        ("at", "turn"),
        ("account_id", "at", "turn"),
        ("key_id", "at", "turn"),
        ("user_id", "at", "turn"),
        ("action", "outcome", "at", "turn"),
    ),
)
WRITERS = Table(
    "writers",
    (
        _text("id", 64),
        Column("position", "integer"),
        Column("head", "bytes", 32),
        Column("anchor", "integer"),
        Column("anchor_head", "bytes", 32),
    ),
)
USAGE = Table(
    "usage",
    (
        _text("id", 96),
        _text("account_id"),
        _text("key_id", 64),
        _instant("hour", optional=False),
        Column("allowed", "integer"),
        Column("denied", "integer"),
    ),
    indexes=(("account_id", "hour", "id"),),
)
USERS = Table(
    "users",
    (
        _text("id", 64),
        _text("account_id"),
        _text("email"),
        _text("canonical"),
        _text("name"),
        _text("role", 16),
        _text("password", 512, optional=True),
        _instant("created_at", optional=False),
        _instant("verified_at"),
        _instant("disabled_at"),
        Column("version", "integer"),
    ),
    unique=("canonical",),
    indexes=(("account_id", "created_at", "id"), ("created_at", "id")),
)
SESSIONS = Table(
    "sessions",
    (
        _text("id", 64),
        Column("digest", "bytes", 32),
        _text("user_id", 64),
        _text("account_id"),
        _instant("created_at", optional=False),
        _instant("last_used_at", optional=False),
        _instant("idles_at", optional=False),
        _instant("expires_at", optional=False),
        _instant("authenticated_at", optional=False),
        _text("methods", 64),
        _text("ip", 64, optional=True),
        _text("network", 64),
        _text("user_agent", 512, optional=True),
        _instant("revoked_at"),
    ),
    unique=("digest",),
    indexes=(("user_id", "created_at", "id"), ("expires_at", "id")),
    references={"user": ("user_id", "users"), "account": ("account_id", "accounts")},
)
TICKETS = Table(
    "tickets",
    (
        _text("id", 128),
        Column("digest", "bytes", 32),
        _text("kind", 32),
        _text("user_id", 64, optional=True),
        _text("email", optional=True),
        _text("canonical", optional=True),
        _text("name", optional=True),
        _text("password", 512, optional=True),
        _instant("created_at", optional=False),
        _instant("expires_at", optional=False),
    ),
    unique=("digest",),
    indexes=(("user_id", "id"), ("expires_at", "id")),
    references={"user": ("user_id", "users")},
)
FACTORS = Table(
    "factors",
    (
        _text("id", 64),
        _text("user_id", 64),
        _text("kind", 16),
        _text("secret", 1000, optional=True),
        Column("last_step", "integer", optional=True),
        _instant("created_at", optional=False),
        _instant("confirmed_at"),
    ),
    indexes=(("user_id", "id"),),
)
RECOVERY_CODES = Table("recovery_codes", (_text("id", 64), _text("user_id", 64)), indexes=(("user_id", "id"),))
CHALLENGES = Table(
    "challenges",
    (
        _text("id", 64),
        Column("digest", "bytes", 32),
        _text("user_id", 64),
        _text("methods", 64),
        Column("code", "bytes", 32, optional=True),
        _instant("code_until"),
        _instant("created_at", optional=False),
        _instant("expires_at", optional=False),
    ),
    unique=("digest",),
    indexes=(("user_id", "id"), ("expires_at", "id")),
    references={"user": ("user_id", "users")},
)
IDENTITIES = Table(
    "identities",
    (
        _text("id", 64),
        _text("user_id", 64),
        _text("provider", 64),
        _text("issuer", 2000),
        _text("subject"),
        _text("email", optional=True),
        _instant("created_at", optional=False),
    ),
    indexes=(("user_id", "id"),),
    references={"user": ("user_id", "users")},
)
TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        KEYS,
        ACCOUNTS,
        BUDGETS,
        EPOCHS,
        RATES,
        RATE_HITS,
        ENTRIES,
        WRITERS,
        USAGE,
        USERS,
        SESSIONS,
        TICKETS,
        FACTORS,
        RECOVERY_CODES,
        CHALLENGES,
        IDENTITIES,
    )
}
