"""What time it is where the database is, held against the time here."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from plexe_auth.storage.sql.engine import server
from plexe_auth.storage.sql.refusals import explained
from plexe_auth.storage.sql.url import resolve

_MICROSECONDS = {
    "postgresql": "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint",
    "mysql": "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)",
}


def ahead(url: str) -> timedelta | None:
    """Return how far this host's clock is ahead of that of the database at `url`; ``None`` where they are the same.

    Raises:
        ConfigurationError: it is no URL of ours.
        Unavailable: the database does not answer.
    """
    where = resolve(url, blocking=True)
    if where.get_backend_name() == "sqlite":
        return None
    engine = server(where)
    try:
        with explained(where), engine.connect() as connection:
            return _ahead(connection)
    finally:
        engine.dispose()


def _ahead(connection: sa.Connection) -> timedelta:
    question = _MICROSECONDS[connection.dialect.name.replace("mariadb", "mysql")]
    before = datetime.now(UTC)
    there = datetime.fromtimestamp(0, UTC) + timedelta(
        microseconds=int(connection.exec_driver_sql(question).scalar_one())
    )
    # It was read somewhere between the question and its answer.
    return before + (datetime.now(UTC) - before) / 2 - there
