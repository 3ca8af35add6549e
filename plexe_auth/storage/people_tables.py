"""The tables of people: users, their sessions, factors and identities, and what is good once."""

from plexe_auth.storage.table import Column, Table, instant, text

USERS = Table(
    "users",
    (
        text("id", 64),
        text("account_id"),
        text("email"),
        text("canonical"),
        text("name"),
        text("role", 16),
        text("password", 512, optional=True),
        instant("created_at", optional=False),
        instant("verified_at"),
        instant("disabled_at"),
        Column("version", "integer"),
    ),
    unique=("canonical",),
    indexes=(("account_id", "created_at", "id"), ("created_at", "id")),
)
SESSIONS = Table(
    "sessions",
    (
        text("id", 64),
        Column("digest", "bytes", 32),
        text("user_id", 64),
        text("account_id"),
        instant("created_at", optional=False),
        instant("last_used_at", optional=False),
        instant("idles_at", optional=False),
        instant("expires_at", optional=False),
        instant("authenticated_at", optional=False),
        text("methods", 64),
        text("ip", 64, optional=True),
        text("network", 64),
        text("user_agent", 512, optional=True),
        instant("revoked_at"),
    ),
    unique=("digest",),
    indexes=(("user_id", "created_at", "id"), ("expires_at", "id")),
    references={"user": ("user_id", "users"), "account": ("account_id", "accounts")},
)
TICKETS = Table(
    "tickets",
    (
        text("id", 128),
        Column("digest", "bytes", 32),
        text("kind", 32),
        text("user_id", 64, optional=True),
        text("email", optional=True),
        text("canonical", optional=True),
        text("name", optional=True),
        text("password", 512, optional=True),
        instant("created_at", optional=False),
        instant("expires_at", optional=False),
    ),
    unique=("digest",),
    indexes=(("user_id", "id"), ("expires_at", "id")),
    references={"user": ("user_id", "users")},
)
FACTORS = Table(
    "factors",
    (
        text("id", 64),
        text("user_id", 64),
        text("kind", 16),
        text("secret", 1000, optional=True),
        Column("last_step", "integer", optional=True),
        instant("created_at", optional=False),
        instant("confirmed_at"),
    ),
    indexes=(("user_id", "id"),),
)
RECOVERY_CODES = Table("recovery_codes", (text("id", 64), text("user_id", 64)), indexes=(("user_id", "id"),))
CHALLENGES = Table(
    "challenges",
    (
        text("id", 64),
        Column("digest", "bytes", 32),
        text("user_id", 64),
        text("methods", 64),
        Column("code", "bytes", 32, optional=True),
        instant("code_until"),
        instant("created_at", optional=False),
        instant("expires_at", optional=False),
    ),
    unique=("digest",),
    indexes=(("user_id", "id"), ("expires_at", "id")),
    references={"user": ("user_id", "users")},
)
IDENTITIES = Table(
    "identities",
    (
        text("id", 64),
        text("user_id", 64),
        text("provider", 64),
        text("issuer", 2000),
        text("subject"),
        text("email", optional=True),
        instant("created_at", optional=False),
    ),
    indexes=(("user_id", "id"),),
    references={"user": ("user_id", "users")},
)
PASSKEYS = Table(
    "passkeys",
    (
        text("id", 64),
        Column("digest", "bytes", 32),
        text("user_id", 64),
        text("name", 64),
        text("credential", 1400),
        text("public_key", 1000),
        Column("sign_count", "integer"),
        Column("backup_eligible", "integer"),
        Column("backed_up", "integer"),
        text("transports", 100),
        text("aaguid", 36),
        instant("created_at", optional=False),
        instant("last_used_at"),
    ),
    unique=("digest",),
    indexes=(("user_id", "id"),),
    references={"user": ("user_id", "users")},
)
INVITATIONS = Table(
    "invitations",
    (
        text("id", 64),
        Column("digest", "bytes", 32),
        text("account_id"),
        text("email"),
        text("canonical"),
        text("role", 16),
        text("invited_by", 64, optional=True),
        instant("created_at", optional=False),
        instant("expires_at", optional=False),
    ),
    unique=("digest",),
    indexes=(("account_id", "created_at", "id"), ("expires_at", "id")),
    references={"account": ("account_id", "accounts")},
)
