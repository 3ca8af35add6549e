"""A server of one worker on a core of its own, started and stopped."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.environments import ROOT, NotMade
from benchmarks.load.fronts import PATH
from benchmarks.load.pinning import SERVER, pinned

_PATIENCE = 30.0

UVICORN = ("-m", "uvicorn", "--factory", "--no-access-log", "--log-level", "warning", "--lifespan", "off")
_GUNICORN = ("-m", "gunicorn", "--workers", "1", "--log-level", "warning", "--keep-alive", "30")
GUNICORN_SYNC = (*_GUNICORN, "--worker-class", "sync")
GUNICORN_THREADS = (*_GUNICORN, "--worker-class", "gthread", "--threads", "4")


class Served(NamedTuple):
    """An app that is served: its address, and the process of its server."""

    address: str
    process: int


@contextmanager
def served(interpreter: Path, server: tuple[str, ...], told: dict[str, str]) -> Iterator[Served]:
    """Give the app while a server of that kind serves it; the environment is `told` which.

    Raises:
        NotMade: it did not come up.
    """
    port = _free_port()
    where = ["--port", str(port)] if server is UVICORN else ["--bind", f"127.0.0.1:{port}"]
    named = "benchmarks.load.apps:made" + ("" if server is UVICORN else "()")
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            pinned(SERVER, [str(interpreter), *server, *where, named]),
            cwd=ROOT,
            env=os.environ | told,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            _wait_for(port, process)
            yield Served(f"http://127.0.0.1:{port}{PATH}", process.pid)
        finally:
            _ended(process)


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise NotMade("the server did not come up")
