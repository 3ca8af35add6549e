"""Fixtures of the storage tests: a server's database that has the schema, and one that has nothing at all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from plexe_auth.storage.sql.url import resolve
from tests.stores import emptied

SERVERS = ("postgresql", "mariadb")


@pytest.fixture(scope="session")
def schema(request: pytest.FixtureRequest) -> Callable[[str], str]:
    """Returns the URL of a server's database with the schema in it, and perhaps rows of earlier tests."""
    ready: dict[str, str] = {}

    def url(server: str) -> str:
        if server not in ready:
            ready[server] = emptied(request.getfixturevalue(f"{server}_url"))
        return ready[server]

    return url


@pytest.fixture(params=SERVERS)
def server_url(request: pytest.FixtureRequest, schema: Callable[[str], str]) -> str:
    """The URL of each server's database, with the schema in it."""
    return schema(request.param)


@pytest.fixture(params=SERVERS)
def bare_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database of each server that has nothing in it."""
    with bare_database(request.getfixturevalue(f"{request.param}_url")) as url:
        yield url


@contextmanager
def bare_database(beside: str) -> Iterator[str]:
    """The URL of a database on the same server that has nothing in it."""
    url = sa.make_url(beside)
    name = f"{url.database}_bare"
    force = " WITH (FORCE)" if url.get_backend_name() == "postgresql" else ""
    with administered(url) as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}{force}")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield url.set(database=name).render_as_string(hide_password=False)
    with administered(url) as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name}{force}")


@contextmanager
def administered(url: sa.URL | str) -> Iterator[sa.Connection]:
    """A connection that commits by itself and is not one of the library's."""
    place = url if isinstance(url, str) else url.render_as_string(hide_password=False)
    engine = sa.create_engine(resolve(place, blocking=True), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection


OTHERS = {
    "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "mariadb": "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
}
END = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}


def connections(url: str) -> int:
    """How many connections others have to this database."""
    with administered(url) as connection:
        return len(connection.exec_driver_sql(OTHERS[url.partition(":")[0]]).all())


def kill_every_connection(url: str) -> None:
    """End all connections that others have to this database, as a restart of the server would."""
    database = url.partition(":")[0]
    with administered(url) as connection:
        for number in connection.exec_driver_sql(OTHERS[database]).scalars().all():
            connection.exec_driver_sql(END[database].format(number))
