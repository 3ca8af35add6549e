"""A database URL gets the driver that its face needs; a driver of the wrong colour is refused by name.

Passwords stay in the URL object and are never put into a message.
"""

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from plexe_auth.errors import ConfigurationError

BLOCKING = {"sqlite": "pysqlite", "postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}
ASYNCHRONOUS = {"sqlite": "pysqlite", "postgresql": "psycopg", "mysql": "asyncmy", "mariadb": "asyncmy"}
_PORTS = 65_536


def resolve(text: str, *, blocking: bool) -> sa.URL:
    """Return the URL with its driver.

    SQLite is served by ``pysqlite`` on both faces: one read takes less time than handing it to a thread.

    Raises:
        ConfigurationError: it is no database URL, names another database or another driver than the right one.
    """
    url = _parsed(text)
    database, _, driver = url.drivername.partition("+")
    drivers = BLOCKING if blocking else ASYNCHRONOUS
    if database not in drivers:
        raise ConfigurationError(f"no store for {database!r}; there is one for {', '.join(drivers)} and memory://")
    right = drivers[database]
    if driver not in ("", right):
        face = "Auth" if blocking else "AsyncAuth"
        raise ConfigurationError(f"{face} needs the driver {database}+{right}, not {database}+{driver}")
    return url.set(drivername=f"{database}+{right}")


def _parsed(text: str) -> sa.URL:
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
        raise ConfigurationError("a database URL is a text, such as sqlite:///auth.db")
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or not 0 <= (url.port or 0) < _PORTS:
        raise ConfigurationError("this is no database URL; one looks like sqlite:///auth.db")
    return url
