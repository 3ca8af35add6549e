"""Every server, started once per run on a listening socket that is there before it, and ended in order."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plexe_auth import Auth
from tests.gate.keys import HOUR, Made, make
from tests.gate.parity.raw import Address
from tests.gate.parity.serve import SERVERS

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def parity_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('parity')}/auth.db"


@pytest.fixture(scope="session")
def wire_keys(parity_url: str) -> Made:
    """Keys of every kind in a file that all the servers have open; some died before the servers' clock began."""
    began = datetime.now(UTC) - 2 * HOUR
    passed = [timedelta()]
    with Auth.open(parity_url, clock=lambda: began + sum(passed, timedelta())) as auth:
        return make(auth, passed.append)


@pytest.fixture(scope="session")
def servers(parity_url: str, wire_keys: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Address]]:
    """Where each server listens. None of them may have logged a traceback in all the run."""
    logs = tmp_path_factory.mktemp("servers")
    with ExitStack() as running:
        yield {name: running.enter_context(_running(name, parity_url, logs / f"{name}.log")) for name in SERVERS}


@contextmanager
def _running(name: str, url: str, log: Path) -> Iterator[Address]:
    with socket.create_server(("127.0.0.1", 0)) as listener, log.open("wb") as errors:
        descriptor = listener.fileno()
        command = [sys.executable, "-m", "tests.gate.parity.serve", name, str(descriptor), url]
        pipe = subprocess.PIPE  # its other end closes with this process
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=[descriptor], stdin=pipe, stderr=errors)
        address = listener.getsockname()
    try:
        yield address
    finally:
        told = log.read_text()  # before it ends: some tell at length how they are interrupted
        process.terminate()
        process.communicate(timeout=30)
    assert "Traceback" not in told, told
