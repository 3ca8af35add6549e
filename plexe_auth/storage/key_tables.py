"""The tables of keys and accounts, of what is counted, and of the access log."""

from plexe_auth.storage.table import Column, Table, instant, text

KEYS = Table(
    "keys",
    (
        text("id", 64),
        text("account_id"),
        text("name"),
        Column("digest", "bytes", 32),
        text("hint", 64),
        Column("permissions", "long_text"),
        instant("created_at", optional=False),
        instant("expires_at"),
        instant("last_used_at"),
        instant("revoked_at"),
        text("revoked_reason", 1000, optional=True),
        instant("disabled_at"),
        text("rotated_to", 64, optional=True),
        instant("rotated_at"),
        instant("retires_at"),
        Column("allowed_ips", "long_text"),
        text("rate", 200, optional=True),
        Column("metadata", "long_text"),
        text("family", 64),
        Column("version", "integer"),
    ),
    unique=("digest",),
    indexes=(("account_id", "created_at", "id"),),
    references={"account": ("account_id", "accounts")},
)
ACCOUNTS = Table(
    "accounts",
    (
        text("id"),
        instant("suspended_at"),
        text("suspended_reason", 1000, optional=True),
        instant("mfa_required_at"),
    ),
)
BUDGETS = Table(
    "budgets",
    (text("bucket"), Column("count", "integer"), instant("resets_at", optional=False)),
    indexes=(("resets_at",),),
)
EPOCHS = Table("epochs", (text("id", 64), Column("value", "integer"), Column("staleness", "integer")))
RATES = Table(
    "rates",
    (
        text("id", 64),
        instant("starts_at", optional=False),
        Column("hits", "integer"),
        Column("previous", "integer"),
        instant("expires_at", optional=False),
    ),
    indexes=(("expires_at", "id"),),
)
RATE_HITS = Table(
    "rate_hits",
    (
        text("id", 80),
        text("bucket", 64),
        Column("place", "integer"),
        instant("hit_at", optional=False),
        instant("expires_at", optional=False),
    ),
    indexes=(("bucket", "place", "id"), ("expires_at", "id")),
)
ENTRIES = Table(
    "entries",
    (
        text("id", 64),
        Column("turn", "integer"),
        instant("at", optional=False),
        text("action", 64),
        text("outcome", 16),
        text("code", 64, optional=True),
        text("account_id", optional=True),
        text("key_id", 64, optional=True),
        text("user_id", 64, optional=True),
        text("session_id", 64, optional=True),
        text("ip", 64, optional=True),
        text("user_agent", 512, optional=True),
        text("method", 32, optional=True),
        text("path", 1024, optional=True),
        text("request_id", 200, optional=True),
        text("detail", 1000, optional=True),
        Column("kind", "integer", optional=True),
        Column("chained", "bytes", 32),
    ),
    indexes=(
        ("at", "turn"),
        ("account_id", "kind", "at", "turn"),
        ("key_id", "kind", "at", "turn"),
        ("user_id", "kind", "at", "turn"),
        ("action", "outcome", "at", "turn"),
    ),
)
WRITERS = Table(
    "writers",
    (
        text("id", 64),
        Column("position", "integer"),
        Column("head", "bytes", 32),
        Column("anchor", "integer"),
        Column("anchor_head", "bytes", 32),
    ),
)
USAGE = Table(
    "usage",
    (
        text("id", 96),
        text("account_id"),
        text("key_id", 64),
        instant("hour", optional=False),
        Column("allowed", "integer"),
        Column("denied", "integer"),
    ),
    indexes=(("account_id", "hour", "id"),),
    references={"key": ("key_id", "keys")},
)
