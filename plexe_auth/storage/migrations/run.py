"""One process at a time brings a schema up to date; where the database allows it, wholly or not at all."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from plexe_auth.errors import Unavailable

_LOCK = 0x706C657865  # any number that all our processes agree on
_WAIT_SECONDS = 600
_one_thread = threading.Lock()  # Alembic's `op` and `context` belong to the whole process


def configuration(connection: sa.Connection | None = None) -> Config:
    """Return Alembic's configuration for our revisions."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def upgrade(connection: sa.Connection) -> None:
    """Run the revisions that the database at `connection` does not have yet.

    PostgreSQL and SQLite take all of them or none. MariaDB and MySQL commit after each table, so there an interrupted
    upgrade is finished by running it again.

    Raises:
        Unavailable: another process has been at it for longer than we wait.
    """
    with _one_thread, _alone(connection), _wholly(connection):
        command.upgrade(configuration(connection), "head")


@contextmanager
def _alone(connection: sa.Connection) -> Generator[None]:
    if connection.dialect.name not in ("mysql", "mariadb"):
        yield  # SQLite's transaction and PostgreSQL's lock in it keep others out by themselves
        return
    if connection.exec_driver_sql(f"SELECT GET_LOCK('plexe_auth_{_LOCK}', {_WAIT_SECONDS})").scalar() != 1:
        raise Unavailable
    try:
        yield
    finally:
        connection.exec_driver_sql(f"SELECT RELEASE_LOCK('plexe_auth_{_LOCK}')")


@contextmanager
def _wholly(connection: sa.Connection) -> Generator[None]:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.dialect.name == "sqlite" else "BEGIN")
    try:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")
