"""A database is used only with the schema that this version knows; a new SQLite one gets it at once.

The version is read with one select, so that opening needs Alembic only where something has to be changed.
"""

import sqlalchemy as sa

from plexe_auth.errors import ConfigurationError
from plexe_auth.storage.sql.connections import Connections
from plexe_auth.storage.sql.refusals import explained, place
from plexe_auth.storage.sql.schema import VERSION_TABLE

HEAD = "0007"  # the newest revision in storage/migrations/versions; a test holds them equal
COMMAND = "plexe-auth db upgrade"


def prepare(connections: Connections, url: sa.URL, *, migrate: bool) -> None:
    """Look at the schema, and bring it up to date where that was asked for.

    Args:
        connections: lends the connection to work on.
        url: where the database is.
        migrate: bring it up to date. A new SQLite database gets its schema in any case.

    Raises:
        ConfigurationError: the schema is missing, old, or newer than this version knows; or it is no database at all.
        Unavailable: the database does not answer.
    """
    with explained(url), connections.writing() as connection:
        found = current(connection)
        if found == HEAD:
            return
        new_embedded = found is None and connection.dialect.name == "sqlite"
        if _newer(found) or not (migrate or new_embedded):
            raise ConfigurationError(_advice(found, url))
        from plexe_auth.storage.migrations.run import upgrade  # Alembic, which takes long to import

        upgrade(connection)


def migrated(connections: Connections, url: sa.URL) -> None:
    """Bring the schema up to date on connections that are for nothing else; they are closed at the end."""
    try:
        prepare(connections, url, migrate=True)
    finally:
        connections.close()


def current(connection: sa.Connection) -> str | None:
    """Return the revision of our schema in this database, or ``None`` where it has none."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    table = sa.table(VERSION_TABLE, sa.column("version_num", sa.String))
    return connection.execute(sa.select(table.c.version_num)).scalar_one_or_none()


def _newer(found: str | None) -> bool:
    return found is not None and found > HEAD  # revisions are numbered, all in four digits


def _advice(found: str | None, url: sa.URL) -> str:
    if found is None:
        return f"{place(url)} has no plexe_auth schema; run {COMMAND}, or open it with migrate=True"
    if _newer(found):
        return f"{place(url)} has schema {found}, this version knows no newer one than {HEAD}; install a newer version"
    return f"{place(url)} has schema {found}, this version needs {HEAD}; run {COMMAND}, or open it with migrate=True"
