"""Where a server keeps its files, and what brings all that it knows into them.

Only a server on this machine has files that can be looked at; one that was named by its URL may be anywhere.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pymysql
from redis import Redis
from sqlalchemy import make_url

from plexe_auth.storage.tables import PREFIX, TABLES


@contextmanager
def of_postgresql(url: str) -> Iterator[Path]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    yield Path(row[0]).parent  # beside the data lies what it had to say


@contextmanager
def of_mariadb(url: str) -> Iterator[Path]:
    at = make_url(url)
    connection = pymysql.connect(host=at.host, port=at.port or 3306, user=at.username, database=at.database)
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(f"FLUSH TABLES {', '.join(PREFIX + table for table in TABLES)} FOR EXPORT")  # until it is closed
        cursor.execute("SELECT @@datadir")
        row = cursor.fetchone()
        assert row is not None
        yield Path(row[0]).parent


@contextmanager
def client_of(url: str) -> Iterator[Any]:
    """A client of a Redis or Valkey."""
    with closing(Redis.from_url(url.replace("valkey://", "redis://"), decode_responses=True)) as client:
        yield client


@contextmanager
def of_redis(url: str) -> Iterator[Path]:
    with client_of(url) as client:
        client.config_set("rdbcompression", "no")  # or nobody could look through it
        client.save()
        yield Path(client.config_get("dir")["dir"])


FILES: dict[str, Callable[[str], AbstractContextManager[Path]]] = {
    "postgresql": of_postgresql,
    "mariadb": of_mariadb,
    "redis": of_redis,
    "valkey": of_redis,
}
