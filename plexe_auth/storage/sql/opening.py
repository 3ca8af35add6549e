"""From a URL to a store that is ready, or that will be when it is first used on an event loop."""

import time
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from plexe_auth.storage.sql import failures
from plexe_auth.storage.sql.again import again
from plexe_auth.storage.sql.connections import PATIENCE, Connections, Pooled
from plexe_auth.storage.sql.engine import AN_HOUR, embedded, in_memory, journal, server
from plexe_auth.storage.sql.glance import Glance
from plexe_auth.storage.sql.prepare import migrated, prepare
from plexe_auth.storage.sql.refusals import explained
from plexe_auth.storage.sql.store import SQLStore
from plexe_auth.storage.sql.url import resolve
from plexe_auth.storage.store import AsyncStore, Store
from plexe_auth.storage.threaded import Threaded

_PAUSE = 0.01


def open_blocking(url: str, *, migrate: bool) -> Store:
    """Return a blocking store on the database at `url`, its schema looked at."""
    where = resolve(url, blocking=True)
    if where.get_backend_name() == "sqlite":
        return _embedded(where, migrate=migrate)[0]
    if migrate:
        migrated(Pooled(server(where, AN_HOUR)), where)
    engine = server(where)
    connections = Pooled(engine)
    _prepared(connections, where, migrate=False)
    return SQLStore(engine, connections, again=again(where))


def open_asynchronous(url: str, *, migrate: bool) -> AsyncStore:
    """Return an asynchronous store on the database at `url`.

    SQLite is opened at once, and its reads are done where they are awaited; a server is connected to at the first use.
    """
    where = resolve(url, blocking=False)
    if where.get_backend_name() == "sqlite":
        store, mode = _embedded(where, migrate=migrate)
        return Threaded(store, quick=mode == "wal")
    with explained(where):
        from plexe_auth.storage.sql.asynchronous import AsyncSQLStore  # needs greenlet, which blocking code does not
    return AsyncSQLStore(where, migrate=migrate)


def _embedded(url: sa.URL, *, migrate: bool) -> tuple[SQLStore, str]:
    wanted = journal(url)
    engine, connections = embedded(url)
    with explained(url), connections.writing() as connection:
        mode = _in_journal(connection, wanted, time.monotonic() + PATIENCE)
    _prepared(connections, url, migrate=migrate)
    if in_memory(url):
        return SQLStore(engine, connections, caches=WeakSet()), mode
    return SQLStore(engine, connections, glance=Glance(engine), again=again(url)), mode


def _in_journal(connection: sa.Connection, mode: str, deadline: float) -> str:
    # SQLite waits for other writers, but not for another process that is changing the mode too.
    while True:
        try:
            found: str = connection.exec_driver_sql(f"PRAGMA journal_mode={mode}").scalar_one()
        except OperationalError as error:
            if time.monotonic() > deadline or not failures.busy(error):
                raise
            time.sleep(_PAUSE)
        else:
            return found


def _prepared(connections: Connections, url: sa.URL, *, migrate: bool) -> None:
    try:
        prepare(connections, url, migrate=migrate)
    except BaseException:
        connections.close()
        raise
