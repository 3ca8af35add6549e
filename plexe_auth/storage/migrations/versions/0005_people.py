"""Users, their sessions, factors and identities, and tickets and challenges that are good once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary

from plexe_auth.storage.sql.schema import ExactText

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    _users()
    _sessions()
    _tickets()
    _factors()
    _challenges()
    _identities()


def _users() -> None:
    op.create_table(
        "plexe_auth_users",
        Column("id", ExactText(64), primary_key=True),
        Column("account_id", ExactText(255), nullable=False),
        Column("email", ExactText(255), nullable=False),
        Column("canonical", ExactText(255), nullable=False),
        Column("name", ExactText(255), nullable=False),
        Column("role", ExactText(16), nullable=False),
        Column("password", ExactText(512)),
        Column("created_at", BigInteger, nullable=False),
        Column("verified_at", BigInteger),
        Column("disabled_at", BigInteger),
        Column("version", BigInteger, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("users", "canonical", unique=True)
    _index("users", "account_id", "created_at", "id")
    _index("users", "created_at", "id")


def _sessions() -> None:
    op.create_table(
        "plexe_auth_sessions",
        Column("id", ExactText(64), primary_key=True),
        Column("digest", _digest(), nullable=False),
        Column("user_id", ExactText(64), nullable=False),
        Column("account_id", ExactText(255), nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("last_used_at", BigInteger, nullable=False),
        Column("idles_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        Column("authenticated_at", BigInteger, nullable=False),
        Column("methods", ExactText(64), nullable=False),
        Column("ip", ExactText(64)),
        Column("network", ExactText(64), nullable=False),
        Column("user_agent", ExactText(512)),
        Column("revoked_at", BigInteger),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("sessions", "digest", unique=True)
    _index("sessions", "user_id", "created_at", "id")
    _index("sessions", "expires_at", "id")


def _tickets() -> None:
    op.create_table(
        "plexe_auth_tickets",
        Column("id", ExactText(128), primary_key=True),
        Column("digest", _digest(), nullable=False),
        Column("kind", ExactText(32), nullable=False),
        Column("user_id", ExactText(64)),
        Column("email", ExactText(255)),
        Column("canonical", ExactText(255)),
        Column("name", ExactText(255)),
        Column("password", ExactText(512)),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("tickets", "digest", unique=True)
    _index("tickets", "user_id", "id")
    _index("tickets", "expires_at", "id")


def _factors() -> None:
    op.create_table(
        "plexe_auth_factors",
        Column("id", ExactText(64), primary_key=True),
        Column("user_id", ExactText(64), nullable=False),
        Column("kind", ExactText(16), nullable=False),
        Column("secret", ExactText(1000)),
        Column("last_step", BigInteger),
        Column("created_at", BigInteger, nullable=False),
        Column("confirmed_at", BigInteger),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("factors", "user_id", "id")
    op.create_table(
        "plexe_auth_recovery_codes",
        Column("id", ExactText(64), primary_key=True),
        Column("user_id", ExactText(64), nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("recovery_codes", "user_id", "id")


def _challenges() -> None:
    op.create_table(
        "plexe_auth_challenges",
        Column("id", ExactText(64), primary_key=True),
        Column("digest", _digest(), nullable=False),
        Column("user_id", ExactText(64), nullable=False),
        Column("methods", ExactText(64), nullable=False),
        Column("code", _digest()),
        Column("code_until", BigInteger),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("challenges", "digest", unique=True)
    _index("challenges", "user_id", "id")
    _index("challenges", "expires_at", "id")


def _identities() -> None:
    op.create_table(
        "plexe_auth_identities",
        Column("id", ExactText(64), primary_key=True),
        Column("user_id", ExactText(64), nullable=False),
        Column("provider", ExactText(64), nullable=False),
        Column("issuer", ExactText(2000), nullable=False),
        Column("subject", ExactText(255), nullable=False),
        Column("email", ExactText(255)),
        Column("created_at", BigInteger, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("identities", "user_id", "id")


def _digest() -> sa.types.TypeEngine[bytes]:
    return LargeBinary(32).with_variant(sa.BINARY(32), "mysql", "mariadb")


def _index(table: str, *columns: str, unique: bool = False) -> None:
    # Looked up, because MySQL knows no CREATE INDEX IF NOT EXISTS.
    name = f"plexe_auth_{table}_by_{'_'.join(columns)}"
    there = sa.inspect(op.get_bind()).get_indexes(f"plexe_auth_{table}")
    if name not in [index["name"] for index in there]:
        op.create_index(name, f"plexe_auth_{table}", list(columns), unique=unique)
