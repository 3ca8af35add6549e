"""A database is used only with the schema that this version knows; a new SQLite one gets it at once.

The version is read with one select, so that opening needs Alembic only where something has to be changed.
"""

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from plexe_auth.errors import ConfigurationError
from plexe_auth.storage.sql import failures
from plexe_auth.storage.sql.connections import Connections
from plexe_auth.storage.sql.schema import VERSION_TABLE

HEAD = "0001"  # the newest revision in storage/migrations/versions; a test holds them equal
_COMMAND = "plexe-auth db upgrade"


def prepare(engine: sa.Engine, connections: Connections, url: sa.URL, migrate: bool) -> None:
    """Look at the schema, and bring it up to date where that was asked for.

    Args:
        engine: tells which database it is.
        connections: lends the connection to work on.
        url: where the database is, for the message.
        migrate: bring it up to date. A new SQLite database gets its schema in any case.

    Raises:
        ConfigurationError: the schema is missing, old, or newer than this version knows.
        Unavailable: the database does not answer.
    """
    try:
        with connections.writing() as connection:
            _prepare(engine, connection, url, migrate)
    except SQLAlchemyError as error:
        raise failures.refusal(error) from error


def _prepare(engine: sa.Engine, connection: sa.Connection, url: sa.URL, migrate: bool) -> None:
    found = current(connection)
    if found == HEAD:
        return
    new_embedded = found is None and engine.dialect.name == "sqlite"
    if not migrate and not new_embedded:
        raise ConfigurationError(_advice(found, url))
    from plexe_auth.storage.migrations.run import upgrade  # Alembic, which takes long to import

    upgrade(connection)


def current(connection: sa.Connection) -> str | None:
    """Return the revision of our schema in this database, or ``None`` where it has none."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    table = sa.table(VERSION_TABLE, sa.column("version_num"))
    return connection.execute(sa.select(table.c.version_num)).scalar_one_or_none()


def _advice(found: str | None, url: sa.URL) -> str:
    where = url.render_as_string(hide_password=True)
    if found is None:
        return f"{where} has no plexe_auth schema; run {_COMMAND}, or open it with migrate=True"
    return f"{where} has schema {found}, this version needs {HEAD}; run {_COMMAND}, or open it with migrate=True"
