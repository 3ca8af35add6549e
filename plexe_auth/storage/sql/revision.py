"""The schema of a database for whoever operates it: which revision it has, and how it gets the newest."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from plexe_auth.errors import ConfigurationError
from plexe_auth.storage.sql.connections import Connections, Pooled
from plexe_auth.storage.sql.engine import AN_HOUR, embedded, in_memory, server
from plexe_auth.storage.sql.prepare import HEAD, current, prepare
from plexe_auth.storage.sql.refusals import explained, place
from plexe_auth.storage.sql.url import resolve


@dataclass(frozen=True, slots=True)
class Revision:
    """What was found, and what there is now.

    Attributes:
        database: the URL as it may be shown.
        before: the revision that was found, or ``None`` where there was no schema of ours.
        now: the revision that the database has by now.
        newest: the revision that this version needs.
    """

    database: str
    before: str | None
    now: str | None
    newest: str = HEAD


def look(url: str) -> Revision:
    """Return the revision of the database at `url`, and change nothing.

    Raises:
        ConfigurationError: it is no URL of ours, or there is no such database.
        Unavailable: it does not answer.
    """
    where = resolve(url, blocking=True)
    if where.get_backend_name() == "sqlite" and not (in_memory(where) or _there(where)):
        raise ConfigurationError(f"{place(where)} is not there")
    connections = _connections(where)
    try:
        found = _current(connections, where)
    finally:
        connections.close()
    return Revision(place(where), found, found)


def upgrade(url: str) -> Revision:
    """Bring the schema of the database at `url` up to date. A SQLite file is created if it is not there.

    Raises:
        ConfigurationError: it is no URL of ours, there is no such database, or its schema is newer than we know.
        Unavailable: it does not answer.
    """
    where = resolve(url, blocking=True)
    connections = _connections(where)
    try:
        before = _current(connections, where)
        prepare(connections, where, migrate=True)
    finally:
        connections.close()
    return Revision(place(where), before, HEAD)


def _connections(url: sa.URL) -> Connections:
    return embedded(url)[1] if url.get_backend_name() == "sqlite" else Pooled(server(url, AN_HOUR))


def _current(connections: Connections, url: sa.URL) -> str | None:
    with explained(url), connections.reading() as connection:
        return current(connection)


def _there(url: sa.URL) -> bool:
    return "uri" in url.query or Path(url.database or "").exists()
