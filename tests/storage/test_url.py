"""A URL gets the driver that its face needs; what is wrong with it is named, and its password never is."""

import subprocess
import sys

import pytest

from plexe_auth import AsyncAuth, Auth, ConfigurationError
from plexe_auth.storage.sql.url import resolve

FACES = {"blocking": Auth, "async": AsyncAuth}
RIGHT = {
    ("sqlite", "blocking"): "sqlite+pysqlite",
    ("sqlite", "async"): "sqlite+pysqlite",
    ("postgresql", "blocking"): "postgresql+psycopg",
    ("postgresql", "async"): "postgresql+psycopg",
    ("mysql", "blocking"): "mysql+pymysql",
    ("mysql", "async"): "mysql+asyncmy",
    ("mariadb", "blocking"): "mariadb+pymysql",
    ("mariadb", "async"): "mariadb+asyncmy",
}
WRONG = [
    ("blocking", "sqlite+aiosqlite", "sqlite+pysqlite"),
    ("async", "sqlite+aiosqlite", "sqlite+pysqlite"),
    ("blocking", "postgresql+psycopg2", "postgresql+psycopg"),
    ("blocking", "postgresql+asyncpg", "postgresql+psycopg"),
    ("async", "postgresql+asyncpg", "postgresql+psycopg"),
    ("blocking", "mysql+asyncmy", "mysql+pymysql"),
    ("async", "mysql+pymysql", "mysql+asyncmy"),
    ("async", "mariadb+pymysql", "mariadb+asyncmy"),
    ("async", "mariadb+aiomysql", "mariadb+asyncmy"),
]
CANARY = "canary-of-a-password"
JUNK = [
    *(
        "",
        " ",
        "auth.db",
        "sqlite",
        "sqlite:",
        "sqlite:/",
        ":memory:",
        "//host/name",
        "://",
        "\0",
        "sqlite\0://",
        "💥://x",
    ),
    *("postgresql://h:port/x", "postgresql://h:65536/x", f"postgresql://h:{'9' * 99}/x", "a" * 10_000),
    *("sqlite:///x.db?journal=off", "sqlite:///x.db?journal=walrus", "sqlite:///x.db?journal=wal&journal=delete"),
    *(f"postgresql:/user:{CANARY}@host", f"{CANARY}", None, 7, b"sqlite://"),
]


@pytest.mark.parametrize(("database", "face"), RIGHT)
def test_a_url_without_a_driver_gets_the_right_one(database: str, face: str) -> None:
    found = resolve(f"{database}://user:secret@host/name?x=1", blocking=face == "blocking")
    assert found.drivername == RIGHT[database, face]
    assert (found.username, found.password, found.host, found.database, found.query["x"]) == (
        "user",
        "secret",
        "host",
        "name",
        "1",
    )


@pytest.mark.parametrize(("database", "face"), RIGHT)
def test_a_url_with_the_right_driver_is_taken(database: str, face: str) -> None:
    right = RIGHT[database, face]
    assert resolve(f"{right}://host/name", blocking=face == "blocking").drivername == right


@pytest.mark.parametrize(("face", "driver", "right"), WRONG)
def test_a_driver_of_the_wrong_colour_is_refused_with_the_right_one_named(face: str, driver: str, right: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        FACES[face].open(f"{driver}://user:{CANARY}@host/name")
    assert f"needs the driver {right}, not {driver}" in str(refused.value)
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("database", ["oracle", "mssql+pyodbc", "postgres", "memory", "redis", "https", "mongodb"])
def test_an_unknown_database_is_refused_with_the_known_ones_named(face: str, database: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sqlite, postgresql, mysql, mariadb and memory://") as refused:
        FACES[face].open(f"{database}://user:{CANARY}@host/name")
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk)[:30])
def test_what_is_no_database_url_is_refused(face: str, junk: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        FACES[face].open(junk)
    assert CANARY not in str(refused.value)


WITHOUT = """
import sys
sys.modules.update(dict.fromkeys({missing!r}))  # as if they were not installed
from plexe_auth import AsyncAuth, Auth, ConfigurationError
for turn in range(2):
    try:
        {face}.open({url!r})
    except ConfigurationError as refused:
        print(refused)
"""


@pytest.mark.parametrize(
    ("missing", "face", "url", "extra"),
    [
        ("psycopg", "Auth", "postgresql://host/name", "postgresql"),
        ("psycopg", "AsyncAuth", "postgresql://host/name", "postgresql"),
        ("greenlet", "AsyncAuth", "postgresql://host/name", "postgresql"),
        ("pymysql", "Auth", "mysql://host/name", "mysql"),
        ("asyncmy", "AsyncAuth", "mariadb://host/name", "mysql"),
        ("greenlet", "AsyncAuth", "mariadb://host/name", "mysql"),
    ],
)
def test_a_missing_package_is_told_with_the_extra_that_brings_it(missing: str, face: str, url: str, extra: str) -> None:
    told = in_a_fresh_process(WITHOUT.format(missing={missing}, face=face, url=url))
    assert told == [f"the driver {resolve(url, blocking=face == 'Auth').get_driver_name()} is not installed; "
                    f"pip install 'plexe-auth[{extra}]'"] * 2  # fmt: skip


@pytest.mark.parametrize("face", ["Auth", "AsyncAuth"])
def test_sqlite_and_memory_need_no_extra(face: str) -> None:
    drivers = {"psycopg", "pymysql", "asyncmy", "aiosqlite", "greenlet", "click"}
    for url in ("sqlite://", "memory://"):
        assert in_a_fresh_process(WITHOUT.format(missing=drivers, face=face, url=url)) == []


def in_a_fresh_process(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
