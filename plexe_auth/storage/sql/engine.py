"""Engines are made in one way: connections that commit by themselves, no parameter in any message, bounded waits."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from plexe_auth.storage.sql.connections import Connections, Held, Single
from plexe_auth.storage.sql.url import missing_driver

_WAIT_SECONDS = 10
SERVER: dict[str, Any] = {
    "isolation_level": "AUTOCOMMIT",
    "hide_parameters": True,
    "pool_size": 10,
    "max_overflow": 20,
    "pool_timeout": _WAIT_SECONDS,
    "connect_args": {"connect_timeout": _WAIT_SECONDS},
}
_JOURNALS = ("wal", "delete", "truncate", "persist")


def server(url: sa.URL) -> sa.Engine:
    """Return a blocking engine for a database server."""
    try:
        return sa.create_engine(url, **SERVER)
    except ImportError as error:
        raise missing_driver(url) from error


def embedded(url: sa.URL) -> tuple[sa.Engine, Connections]:
    """Return an engine for a SQLite file, or for a database in memory, and what lends its connections."""
    url = url.difference_update_query(["journal"])
    patience = {"timeout": _WAIT_SECONDS, "check_same_thread": False}
    engine = sa.create_engine(
        url, isolation_level="AUTOCOMMIT", hide_parameters=True, connect_args=patience, poolclass=NullPool
    )
    in_memory = url.database in (None, "", ":memory:")
    return engine, Single(engine) if in_memory else Held(engine)


def journal(url: sa.URL) -> str:
    """Return the journal mode that a SQLite URL asks for: ``wal`` unless ``?journal=delete`` or another one says so.

    Readers and a writer do not wait for each other under ``wal``; it needs shared memory, which network drives lack.
    """
    asked = url.query.get("journal", "wal")
    return asked if isinstance(asked, str) and asked in _JOURNALS else "wal"
