"""Passkeys, invitations, and from when on an account demands a second factor."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import BigInteger, Column, LargeBinary

from plexe_auth.storage.sql.schema import ExactText

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables and the column."""
    _accounts()
    _passkeys()
    _invitations()


def _accounts() -> None:
    # Looked up, because MySQL knows no ALTER TABLE ADD COLUMN IF NOT EXISTS, and its DDL is not undone.
    there = sa.inspect(op.get_bind()).get_columns("plexe_auth_accounts")
    if "mfa_required_at" not in [column["name"] for column in there]:
        op.add_column("plexe_auth_accounts", Column("mfa_required_at", BigInteger))


def _passkeys() -> None:
    op.create_table(
        "plexe_auth_passkeys",
        Column("id", ExactText(64), primary_key=True),
        Column("digest", _digest(), nullable=False),
        Column("user_id", ExactText(64), nullable=False),
        Column("name", ExactText(64), nullable=False),
        Column("credential", ExactText(1400), nullable=False),
        Column("public_key", ExactText(1000), nullable=False),
        Column("sign_count", BigInteger, nullable=False),
        Column("backup_eligible", BigInteger, nullable=False),
        Column("backed_up", BigInteger, nullable=False),
        Column("transports", ExactText(100), nullable=False),
        Column("aaguid", ExactText(36), nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("last_used_at", BigInteger),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("passkeys", "digest", unique=True)
    _index("passkeys", "user_id", "id")


def _invitations() -> None:
    op.create_table(
        "plexe_auth_invitations",
        Column("id", ExactText(64), primary_key=True),
        Column("digest", _digest(), nullable=False),
        Column("account_id", ExactText(255), nullable=False),
        Column("email", ExactText(255), nullable=False),
        Column("canonical", ExactText(255), nullable=False),
        Column("role", ExactText(16), nullable=False),
        Column("invited_by", ExactText(64)),
        Column("created_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("invitations", "digest", unique=True)
    _index("invitations", "account_id", "created_at", "id")
    _index("invitations", "expires_at", "id")


def _digest() -> sa.types.TypeEngine[bytes]:
    return LargeBinary(32).with_variant(sa.BINARY(32), "mysql", "mariadb")


def _index(table: str, *columns: str, unique: bool = False) -> None:
    # Looked up, because MySQL knows no CREATE INDEX IF NOT EXISTS.
    name = f"plexe_auth_{table}_by_{'_'.join(columns)}"
    there = sa.inspect(op.get_bind()).get_indexes(f"plexe_auth_{table}")
    if name not in [index["name"] for index in there]:
        op.create_index(name, f"plexe_auth_{table}", list(columns), unique=unique)
