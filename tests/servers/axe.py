"""axe-core, of npm: a script that looks for what keeps people from using a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.server import Server, ServerMissing

SCRIPT = Path(__file__).parents[2] / "build" / "axe" / "node_modules" / "axe-core" / "axe.min.js"


@contextmanager
def running() -> Iterator[Server]:
    """The script; its URL is its path."""
    if not SCRIPT.exists():
        raise ServerMissing("axe-core was not found: `.ci/chromium` brings it")
    yield Server("axe", str(SCRIPT))
