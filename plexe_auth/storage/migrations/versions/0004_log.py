"""The access log, its chains, and usage."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary

from plexe_auth.storage.sql.schema import ExactText

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    _entries()
    _writers()
    _usage()


def _entries() -> None:
    op.create_table(
        "plexe_auth_entries",
        Column("id", ExactText(64), primary_key=True),
        Column("turn", BigInteger, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("action", ExactText(64), nullable=False),
        Column("outcome", ExactText(16), nullable=False),
        Column("code", ExactText(64)),
        Column("account_id", ExactText(255)),
        Column("key_id", ExactText(64)),
        Column("user_id", ExactText(64)),
        Column("session_id", ExactText(64)),
        Column("ip", ExactText(64)),
        Column("user_agent", ExactText(512)),
        Column("method", ExactText(32)),
        Column("path", ExactText(1024)),
        Column("request_id", ExactText(200)),
        Column("detail", ExactText(1000)),
        Column("chained", _digest(), nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("entries", "at", "turn")
    _index("entries", "account_id", "at", "turn")
    _index("entries", "key_id", "at", "turn")
    _index("entries", "user_id", "at", "turn")
    _index("entries", "action", "outcome", "at", "turn")


def _writers() -> None:
    op.create_table(
        "plexe_auth_writers",
        Column("id", ExactText(64), primary_key=True),
        Column("position", BigInteger, nullable=False),
        Column("head", _digest(), nullable=False),
        Column("anchor", BigInteger, nullable=False),
        Column("anchor_head", _digest(), nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )


def _usage() -> None:
    op.create_table(
        "plexe_auth_usage",
        Column("id", ExactText(96), primary_key=True),
        Column("account_id", ExactText(255), nullable=False),
        Column("key_id", ExactText(64), nullable=False),
        Column("hour", BigInteger, nullable=False),
        Column("allowed", BigInteger, nullable=False),
        Column("denied", BigInteger, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("usage", "account_id", "hour", "id")


def _digest() -> sa.types.TypeEngine[bytes]:
    return LargeBinary(32).with_variant(sa.BINARY(32), "mysql", "mariadb")


def _index(table: str, *columns: str) -> None:
    # Looked up, because MySQL knows no CREATE INDEX IF NOT EXISTS.
    name = f"plexe_auth_{table}_by_{'_'.join(columns)}"
    there = sa.inspect(op.get_bind()).get_indexes(f"plexe_auth_{table}")
    if name not in [index["name"] for index in there]:
        op.create_index(name, f"plexe_auth_{table}", list(columns))
