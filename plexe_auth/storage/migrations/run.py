"""One process at a time brings a schema up to date; where the database allows it, wholly or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

_LOCK = 0x706C657865  # any number that all our processes agree on
_WAIT_SECONDS = 60


def configuration(connection: sa.Connection | None = None) -> Config:
    """Return Alembic's configuration for our revisions."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def upgrade(connection: sa.Connection) -> None:
    """Run the revisions that the database at `connection` does not have yet.

    PostgreSQL and SQLite take all of them or none. MariaDB and MySQL commit after each table, so there an interrupted
    upgrade is finished by running it again.
    """
    with _alone(connection):
        command.upgrade(configuration(connection), "head")


@contextmanager
def _alone(connection: sa.Connection) -> Iterator[None]:
    begin, lock, unlock = _STEPS[connection.dialect.name]
    for statement in (*begin, *lock):
        connection.exec_driver_sql(statement)
    try:
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    else:
        connection.exec_driver_sql("COMMIT")
    finally:
        for statement in unlock:
            connection.exec_driver_sql(statement)


_NAMED = f"'plexe_auth_{_LOCK}'"
_MYSQL = (("BEGIN",), (f"SELECT GET_LOCK({_NAMED}, {_WAIT_SECONDS})",), (f"SELECT RELEASE_LOCK({_NAMED})",))
_STEPS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "sqlite": (("BEGIN IMMEDIATE",), (), ()),
    "postgresql": (("BEGIN",), (f"SELECT pg_advisory_xact_lock({_LOCK})",), ()),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
}
