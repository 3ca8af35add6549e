"""What everything is measured against: the least that SQLAlchemy Core can do to read a key's row by its digest."""

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from plexe_auth.storage.sql.url import resolve

KEYS, SESSIONS = "plexe_auth_keys", "plexe_auth_sessions"


def digest(text: str) -> bytes:
    """Return what the row of a key is found by."""
    return hashlib.sha256(text.encode()).digest()


def select(connection: sa.Connection, name: str = KEYS) -> sa.Select[Any]:
    """Return the select of the whole row, on the table as the database itself describes it."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    return sa.select(table).where(table.c.digest == sa.bindparam("digest"))


@contextmanager
def engine(url: str) -> Iterator[sa.Engine]:
    """Give an engine whose connections commit by themselves, as ours do: a transaction would be two more trips."""
    made = sa.create_engine(resolve(url, blocking=True), isolation_level="AUTOCOMMIT")
    try:
        yield made
    finally:
        made.dispose()


def held(connection: sa.Connection, digests: Callable[[], bytes], name: str = KEYS) -> Callable[[], object]:
    """Return a call that selects a row on a connection that is kept."""
    statement = select(connection, name)
    return lambda: connection.execute(statement, {"digest": digests()}).one()


def pooled(pool: sa.Engine, digests: Callable[[], bytes]) -> Callable[[], object]:
    """Return a call that takes a connection from the engine's pool, selects a row, and gives it back."""
    with pool.connect() as connection:
        statement = select(connection)

    def call() -> object:
        with pool.connect() as connection:
            return connection.execute(statement, {"digest": digests()}).one()

    return call


async def held_async(connection: AsyncConnection, digests: Callable[[], bytes]) -> Callable[[], Awaitable[object]]:
    """Return a call that selects a row on an asynchronous connection that is kept."""
    statement = await connection.run_sync(select)

    async def call() -> object:
        return (await connection.execute(statement, {"digest": digests()})).one()

    return call
