"""API keys, the accounts they act for, and budgets of attempts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary

from plexe_auth.storage.sql.schema import ExactText

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the first three tables. MariaDB and MySQL keep each as soon as it is made, so what is there is left."""
    _keys()
    _accounts()
    _budgets()


def _keys() -> None:
    op.create_table(
        "plexe_auth_keys",
        Column("id", ExactText(64), primary_key=True),
        Column("account_id", ExactText(255), nullable=False),
        Column("name", ExactText(255), nullable=False),
        Column("digest", LargeBinary(32).with_variant(sa.BINARY(32), "mysql", "mariadb"), nullable=False),
        Column("hint", ExactText(64), nullable=False),
        Column("permissions", ExactText(), nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger),
        Column("last_used_at", BigInteger),
        Column("revoked_at", BigInteger),
        Column("revoked_reason", ExactText(1000)),
        Column("disabled_at", BigInteger),
        Column("rotated_to", ExactText(64)),
        Column("rotated_at", BigInteger),
        Column("retires_at", BigInteger),
        Column("allowed_ips", ExactText(), nullable=False),
        Column("rate", ExactText(200)),
        Column("metadata", ExactText(), nullable=False),
        Column("family", ExactText(64), nullable=False),
        Column("version", BigInteger, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("keys", "account_id", "created_at", "id")
    _index("keys", "digest", unique=True)


def _accounts() -> None:
    op.create_table(
        "plexe_auth_accounts",
        Column("id", ExactText(255), primary_key=True),
        Column("suspended_at", BigInteger),
        Column("suspended_reason", ExactText(1000)),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )


def _budgets() -> None:
    op.create_table(
        "plexe_auth_budgets",
        Column("bucket", ExactText(255), primary_key=True),
        Column("count", BigInteger, nullable=False),
        Column("resets_at", BigInteger, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("budgets", "resets_at")


def _index(table: str, *columns: str, unique: bool = False) -> None:
    # Looked up, because MySQL knows no CREATE INDEX IF NOT EXISTS.
    name = f"plexe_auth_{table}_by_{'_'.join(columns)}"
    there = sa.inspect(op.get_bind()).get_indexes(f"plexe_auth_{table}")
    if name not in [index["name"] for index in there]:
        op.create_index(name, f"plexe_auth_{table}", list(columns), unique=unique)
