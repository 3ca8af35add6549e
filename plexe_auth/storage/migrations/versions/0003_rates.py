"""How often each bucket of a rate was hit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import BigInteger, Column

from plexe_auth.storage.sql.schema import ExactText

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables: one for counts, one for the times of requests."""
    op.create_table(
        "plexe_auth_rates",
        Column("id", ExactText(64), primary_key=True),
        Column("starts_at", BigInteger, nullable=False),
        Column("hits", BigInteger, nullable=False),
        Column("previous", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    op.create_table(
        "plexe_auth_rate_hits",
        Column("id", ExactText(80), primary_key=True),
        Column("bucket", ExactText(64), nullable=False),
        Column("place", BigInteger, nullable=False),
        Column("hit_at", BigInteger, nullable=False),
        Column("expires_at", BigInteger, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
    _index("rates", "expires_at", "id")
    _index("rate_hits", "bucket", "place", "id")
    _index("rate_hits", "expires_at", "id")


def _index(table: str, *columns: str) -> None:
    # Looked up, because MySQL knows no CREATE INDEX IF NOT EXISTS.
    name = f"plexe_auth_{table}"
    there = sa.inspect(op.get_bind()).get_indexes(name)
    if f"{name}_by_{'_'.join(columns)}" not in [index["name"] for index in there]:
        op.create_index(f"{name}_by_{'_'.join(columns)}", name, list(columns))
