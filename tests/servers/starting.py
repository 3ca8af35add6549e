"""The steps that starting any server takes: a user, a folder, a port, and patience with an end.

Knows no particular server.
"""

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import Signals

from tests.servers import keeper
from tests.servers.server import ServerMissing

PATIENCE = 30.0
GLANCE = 0.02


def unprivileged_user(*names: str) -> str:
    """Whom the server runs as: it refuses to be root. Empty where we are nobody special ourselves."""
    if os.geteuid() != 0:
        return ""
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in (*names, "nobody"):
        if name in known:
            return name
    raise ServerMissing("there is no unprivileged user to run it under: root may not")


@contextmanager
def folder_of(user: str) -> Iterator[Path]:
    """A new folder that belongs to `user`, removed at the end."""
    # A sticky folder that everyone can reach: root's own TMPDIR may be closed to the server's user.
    folder = Path(tempfile.mkdtemp(prefix="plexe_auth-", dir="/tmp" if user else None))
    try:
        if user:
            os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def replies(port: int, question: bytes, answer: bytes) -> bool:
    """Tell whether a server with a protocol of lines begins its answer like this."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(question + b"\r\n")
            return connection.recv(len(answer)) == answer
    except OSError:
        return False


@contextmanager
def kept(
    folder: Path, user: str, stop: Signals, commands: list[list[str]], answers: Callable[[], bool]
) -> Iterator[None]:
    """Run a server until the end of the block, or of this process; the block begins once it `answers`.

    The last command is the server, those before lay out its folder; `stop` is the signal that ends it well.
    """
    words = [str(folder), str(int(stop)), user, json.dumps(commands)]
    arguments = [sys.executable, "-I", "-S", keeper.__file__, *words]
    # A session of its own: Ctrl-C at the terminal is for the tests, which still need the server to end well.
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, start_new_session=True) as keeping:
        try:
            _wait(keeping, answers, folder)
            yield
        finally:
            keeping.communicate(b"\n")


def _wait(keeping: subprocess.Popen[bytes], answers: Callable[[], bool], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not answers():
        if keeping.poll() is not None or time.monotonic() > deadline:
            last_words = (folder / keeper.LOG).read_text(errors="replace")[-1000:].strip()
            raise ServerMissing(f"it did not start: {last_words}")
        time.sleep(GLANCE)
