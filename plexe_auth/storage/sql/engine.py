"""Engines are made in one way: connections that commit by themselves, no parameter in any message, bounded waits.

Transactions need no more than READ COMMITTED, PostgreSQL's own level: they rest on the conditions of their changes.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import NullPool

from plexe_auth.errors import ConfigurationError
from plexe_auth.storage.sql.connections import PATIENCE, Connections, Held, Single
from plexe_auth.storage.sql.refusals import explained

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine  # needs greenlet, which blocking code need not have

AN_HOUR = 3600  # the patience for an upgrade of the schema, which may have to go through large tables

_POOL: dict[str, Any] = {
    "pool_size": 10,
    "max_overflow": 20,
    "pool_timeout": PATIENCE,
    # What SQLAlchemy ran is rolled back as its `Connection` closes, and a prepared read leaves nothing open. The pool's
    # own reset would be a second trip to MariaDB after every read.
    "pool_reset_on_return": None,
}
_FORM: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "hide_parameters": True}
_JOURNALS = ("wal", "delete", "truncate", "persist")

# A peer that went without a word is noticed in seconds; the network's own patience is hours.
_ALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}


def server(url: sa.URL, patience: int = PATIENCE, **pool: int) -> sa.Engine:
    """Return a blocking engine for a database server.

    Args:
        url: where it is, with its driver.
        patience: for how many seconds an answer or a lock is waited for.
        pool: other arguments for its pool.
    """
    with explained(url):
        engine = sa.create_engine(url, **_FORM, connect_args=_waits(url, patience), **{**_POOL, **pool})
    _settle(engine, patience)
    return engine


def async_server(url: sa.URL, patience: int = PATIENCE, **pool: int) -> "AsyncEngine":
    """Return an asynchronous engine for a database server; the arguments are those of `server`."""
    with explained(url):
        import_module("greenlet")  # SQLAlchemy itself speaks up only the first time
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine(url, **_FORM, connect_args=_waits(url, patience), **{**_POOL, **pool})
    _settle(engine.sync_engine, patience)
    return engine


def _waits(url: sa.URL, patience: int) -> dict[str, int]:
    waits = {
        "psycopg": _ALIVE,
        "pymysql": {"read_timeout": patience, "write_timeout": patience},
        "asyncmy": {"read_timeout": patience},
    }
    ours = {"connect_timeout": PATIENCE, **waits[url.get_driver_name()]}
    return {name: seconds for name, seconds in ours.items() if name not in url.query}


def _settle(engine: sa.Engine, patience: int) -> None:
    settle = _settle_postgresql if engine.dialect.name == "postgresql" else _settle_mysql

    @event.listens_for(engine, "connect")
    def settled(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        cursor = connection.cursor()
        settle(cursor, patience - 1)  # a lock is given up on by the server itself, a little before the network would be
        cursor.close()
        connection.commit()


def _settle_postgresql(cursor: Any, seconds: int) -> None:
    # A client that is frozen amid a transaction holds its locks; after a while the server takes them away.
    idle = PATIENCE // 2
    cursor.execute(f"SET lock_timeout = '{seconds}s'; SET idle_in_transaction_session_timeout = '{idle}s'")


def _settle_mysql(cursor: Any, seconds: int) -> None:
    cursor.execute(f"SET innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}")
    cursor.execute("SHOW VARIABLES WHERE (variable_name, value) IN (('log_bin', 'ON'), ('binlog_format', 'STATEMENT'))")
    if len(cursor.fetchall()) < 2:  # with both, its log of statements allows no level but its own
        # As on PostgreSQL. At its own level InnoDB locks the gaps between rows too: of many who tidy up before they
        # add something, each keeps the others from adding, and all are undone as deadlocked, again and again.
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")


def embedded(url: sa.URL) -> tuple[sa.Engine, Connections]:
    """Return an engine for a SQLite file, or for a database in memory, and what lends its connections."""
    url = url.difference_update_query(["journal"])
    patience = {"timeout": PATIENCE, "check_same_thread": False}
    engine = sa.create_engine(url, **_FORM, connect_args=patience, poolclass=NullPool)
    return engine, Single(engine) if in_memory(url) else Held(engine)


def in_memory(url: sa.URL) -> bool:
    """Tell whether a SQLite URL names a database in memory."""
    return ":memory:" in (url.database or ":memory:") or url.query.get("mode") == "memory"


def journal(url: sa.URL) -> str:
    """Return the journal mode that a SQLite URL asks for: ``wal`` unless ``?journal=delete`` or another one says so.

    Readers and a writer do not wait for each other under ``wal``; it needs shared memory, which network drives lack.

    Raises:
        ConfigurationError: it asks for one that would not keep what was committed, or for no journal mode at all.
    """
    asked = url.query.get("journal", "wal")
    if asked not in _JOURNALS:
        raise ConfigurationError(f"journal must be one of {', '.join(_JOURNALS)}")
    return asked
