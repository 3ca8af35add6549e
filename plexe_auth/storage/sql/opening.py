"""From a URL to a store that is ready, or that will be when it is first used on an event loop."""

import sqlalchemy as sa

from plexe_auth.storage.forking import forget_when_forked
from plexe_auth.storage.sql.connections import Connections, Pooled
from plexe_auth.storage.sql.engine import embedded, journal, server
from plexe_auth.storage.sql.prepare import prepare
from plexe_auth.storage.sql.store import SQLStore
from plexe_auth.storage.sql.url import resolve
from plexe_auth.storage.store import AsyncStore, Store
from plexe_auth.storage.threaded import Threaded


def open_blocking(url: str, *, migrate: bool) -> Store:
    """Return a blocking store on the database at `url`, its schema looked at."""
    where = resolve(url, blocking=True)
    if where.get_backend_name() == "sqlite":
        return _embedded(where, migrate=migrate)[0]
    engine = server(where)
    return _opened(engine, Pooled(engine), where, migrate=migrate)


def open_asynchronous(url: str, *, migrate: bool) -> AsyncStore:
    """Return an asynchronous store on the database at `url`.

    SQLite is opened at once, and its reads are done where they are awaited; a server is connected to at the first use.
    """
    where = resolve(url, blocking=False)
    if where.get_backend_name() != "sqlite":
        from plexe_auth.storage.sql.asynchronous import AsyncSQLStore  # greenlet, which only this needs

        return AsyncSQLStore(where, migrate=migrate)
    store, mode = _embedded(where, migrate=migrate)
    threaded = Threaded(store, quick=mode == "wal")
    forget_when_forked(threaded)
    return threaded


def _embedded(url: sa.URL, *, migrate: bool) -> tuple[SQLStore, str]:
    engine, connections = embedded(url)
    with connections.writing() as connection:
        mode = connection.exec_driver_sql(f"PRAGMA journal_mode={journal(url)}").scalar_one()
    return _opened(engine, connections, url, migrate=migrate), mode


def _opened(engine: sa.Engine, connections: Connections, url: sa.URL, *, migrate: bool) -> SQLStore:
    try:
        prepare(engine, connections, url, migrate)
    except BaseException:
        connections.close()
        raise
    return SQLStore(engine, connections)
