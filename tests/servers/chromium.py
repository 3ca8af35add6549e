"""Debian's Chromium: it is found here, and started by whoever tests with it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.server import Server, ServerMissing

NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def running() -> Iterator[Server]:
    """A Chromium that could be started; its URL is the path of its program."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise ServerMissing("no Chromium was found: `apt-get install chromium` brings it")
    yield Server("chromium", program)
