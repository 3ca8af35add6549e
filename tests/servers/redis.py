"""A real Redis, of the system's packages, that keeps nothing on disk."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGKILL

from tests.servers import starting
from tests.servers.server import Server, ServerMissing

MISSING = "Redis's program redis-server was not found: `apt-get install redis-tools` brings it, and starts nothing"

OPTIONS = ("--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxclients", "1000")


@contextmanager
def running() -> Iterator[Server]:
    """A Redis that answers on a free port of 127.0.0.1."""
    program = shutil.which("redis-server") or shutil.which("redis-check-rdb")
    if program is None:
        raise ServerMissing(MISSING)
    with of_program("redis", program) as server:
        yield server


@contextmanager
def of_program(name: str, program: str) -> Iterator[Server]:
    """A server that understands Redis's options and protocol."""
    user = starting.unprivileged_user(name)
    with starting.folder_of(user) as folder:
        port = starting.free_port()
        called = (
            folder / f"{name}-server"
        )  # the name makes it the server: Debian's redis-tools has it under another one
        called.symlink_to(program)
        command = [str(called), *OPTIONS, "--port", str(port), "--dir", str(folder)]
        with starting.kept(folder, user, SIGKILL, [command], lambda: starting.replies(port, b"PING", b"+PONG")):
            yield Server(name, f"{name}://127.0.0.1:{port}")
