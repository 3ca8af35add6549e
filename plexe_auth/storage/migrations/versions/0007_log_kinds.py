"""Entries of the access log have kinds, so that rare ones are found among the millions of an account, key or user."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import BigInteger, Column

from plexe_auth.storage.sql.schema import ExactText

revision = "0007"
down_revision = "0006"

_TABLE = "plexe_auth_entries"
_OWNERS = ("account_id", "key_id", "user_id")
_ENTRIES = sa.table(
    _TABLE, sa.column("kind", BigInteger), sa.column("action", ExactText(64)), sa.column("outcome", ExactText(16))
)


def upgrade() -> None:
    """Make the column, fill it, and put it into the indexes."""
    _kinds()
    for owner in _OWNERS:
        _index(owner, "kind", "at", "turn")
    for owner in _OWNERS:
        _drop_index(owner, "at", "turn")


def _kinds() -> None:
    # Looked up, because MySQL knows no ALTER TABLE ADD COLUMN IF NOT EXISTS, and its DDL is not undone.
    if "kind" not in [column["name"] for column in sa.inspect(op.get_bind()).get_columns(_TABLE)]:
        op.add_column(_TABLE, Column("kind", BigInteger))
    action, outcome, kind = _ENTRIES.c.action, _ENTRIES.c.outcome, _ENTRIES.c.kind
    area = sa.case((action == "key.verify", 0), (action == "session.verify", 2), else_=4)
    denied = sa.case((outcome == "allowed", 0), else_=1)
    op.execute(_ENTRIES.update().where(kind.is_(None)).values(kind=area + denied))


def _index(*columns: str) -> None:
    # Looked up, because MySQL knows no CREATE INDEX IF NOT EXISTS.
    name = _name(*columns)
    if name not in _indexes():
        op.create_index(name, _TABLE, list(columns))


def _drop_index(*columns: str) -> None:
    name = _name(*columns)
    if name in _indexes():
        op.drop_index(name, _TABLE)


def _name(*columns: str) -> str:
    return f"{_TABLE}_by_{'_'.join(columns)}"


def _indexes() -> list[str | None]:
    return [index["name"] for index in sa.inspect(op.get_bind()).get_indexes(_TABLE)]
