"""A real Memcached, of the system's packages: no wheel holds one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGKILL

from tests.servers import starting
from tests.servers.server import Server, ServerMissing

MISSING = "Memcached's program was not found: `apt-get install memcached` brings it"


@contextmanager
def running() -> Iterator[Server]:
    """A Memcached that answers on a free port of 127.0.0.1."""
    program = shutil.which("memcached")
    if program is None:
        raise ServerMissing(MISSING)
    user = starting.unprivileged_user("memcache")
    with starting.folder_of(user) as folder:
        port = starting.free_port()
        # It has nothing to lose, and otherwise takes a second to end.
        command = [program, "-l", "127.0.0.1", "-p", str(port), "-c", "1000"]
        with starting.kept(folder, user, SIGKILL, [command], lambda: starting.replies(port, b"version", b"VERSION")):
            yield Server("memcached", f"memcached://127.0.0.1:{port}")
