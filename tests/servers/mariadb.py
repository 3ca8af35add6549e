"""A real MariaDB, of the system's packages: no wheel holds one."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from signal import SIGTERM

import pymysql
from sqlalchemy import make_url

from tests.servers import starting
from tests.servers.server import Server, ServerMissing

MISSING = (
    "MariaDB's program {} was not found: "
    "`apt-get install mariadb-server-core mariadb-client-core` brings it, and starts nothing"
)

LAYOUT = ("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-log-bin")

OPTIONS = (
    "--bind-address=127.0.0.1",
    "--skip-networking=0",
    "--skip-name-resolve",
    "--max-connections=300",
    "--character-set-server=utf8mb4",
    "--skip-log-bin",
    # Test data need not survive a power cut.
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-doublewrite=0",
    "--innodb-fast-shutdown=2",
)

# For laying out and for running alike, or the server would find files of another size than it expects.
SMALL = ("--innodb-log-file-size=16M", "--aria-log-file-size=8M")


@contextmanager
def running(*more: str) -> Iterator[Server]:
    """A MariaDB that answers on a free port of 127.0.0.1, with `more` options."""
    install, program = _program("mariadb-install-db"), _program("mariadbd")
    user = starting.unprivileged_user("mysql")
    with starting.folder_of(user) as folder:
        port = starting.free_port()
        server = Server("mariadb", f"mariadb://root@127.0.0.1:{port}/mysql")
        ours = ("--no-defaults", f"--datadir={folder}/data")  # never what the system's own files say
        place = (f"--port={port}", f"--socket={folder}/socket", f"--pid-file={folder}/pid")
        layout, serve = [install, *ours, *LAYOUT, *SMALL], [program, *ours, *place, *OPTIONS, *SMALL, *more]
        with starting.kept(folder, user, SIGTERM, [layout, serve], partial(_answers, server)):
            yield server


def fresh_database(server: Server, name: str) -> str:
    """The URL of an empty database called `name`; an older one of that name is dropped."""
    if not re.fullmatch(r"[A-Za-z0-9_]{1,64}", name):
        raise ValueError(f"not the plain name of a database: {name!r}")
    with _connect(server) as connection, connection.cursor() as cursor:
        # A transaction that a test left open must end in an error here, not in a wait without end.
        cursor.execute("SET lock_wait_timeout = 20")
        cursor.execute(f"DROP DATABASE IF EXISTS `{name}`")
        cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    return server.url.rpartition("/")[0] + f"/{name}"


def _connect(server: Server) -> "pymysql.Connection[pymysql.cursors.Cursor]":
    at = make_url(server.url)
    return pymysql.connect(
        host=at.host, port=at.port or 3306, user=at.username, database=at.database, connect_timeout=5
    )


def _answers(server: Server) -> bool:
    try:
        _connect(server).close()
    except pymysql.err.OperationalError:
        return False
    return True


def _program(name: str) -> str:
    """A program's path; an administrator's program may lie where a plain user's PATH does not look."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if found is None:
        raise ServerMissing(MISSING.format(name))
    return found
