"""What tells processes that something they remember has been narrowed."""

from alembic import op
from sqlalchemy import BigInteger, Column

from plexe_auth.storage.sql.schema import ExactText

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "plexe_auth_epochs",
        Column("id", ExactText(64), primary_key=True),
        Column("value", BigInteger, nullable=False),
        Column("staleness", BigInteger, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
    )
