"""Every app among the examples works as written: a file as a program, the downstream project by its own tests."""

import http.client
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from plexe_auth import Auth
from tests.servers.starting import free_port

EXAMPLES = Path(__file__).parent.parent / "examples"


@contextmanager
def running(name: str, folder: Path) -> Iterator[tuple[str, str]]:
    """The address of an example that runs as a program, and the key that it prints."""
    command, environment = (sys.executable, EXAMPLES / f"{name}.py"), {**os.environ, "PORT": str(free_port())}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, encoding="utf-8") as program:
        try:
            assert program.stdout is not None
            words = shlex.split(program.stdout.readline())
            yield urlsplit(words[2]).netloc, words[4].removeprefix("x-api-key: ")
        finally:
            program.send_signal(signal.SIGTERM)


def connected(address: str) -> http.client.HTTPConnection:
    """A connection to a program that prints its key a moment before its port is open."""
    connection = http.client.HTTPConnection(address, timeout=30)
    gives_up_at = time.monotonic() + 60
    while connection.sock is None:
        try:
            connection.connect()
        except ConnectionRefusedError:
            assert time.monotonic() < gives_up_at
    return connection


def status(address: str, method: str, path: str, key: str | None = None) -> int:
    connection = connected(address)
    try:
        connection.request(method, path, headers={} if key is None else {"x-api-key": key})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("name", ["flask_app", "starlette_app", "fastapi_app", "django_app"])
def test_a_file_is_a_program_that_asks_for_just_what_it_says(name: str, tmp_path: Path) -> None:
    with running(name, tmp_path) as (address, printed), Auth.open(f"sqlite:///{tmp_path}/{name}.db") as auth:
        trainer = auth.keys.create("acct_42", name="trainer", permissions="write models:train").secret.reveal()
        asked = {
            "public": status(address, "GET", "/healthz"),
            "no key at all": status(address, "GET", "/models"),
            "reading": status(address, "GET", "/models", printed),
            "writing only": status(address, "POST", "/models/train", printed),
            "training": status(address, "POST", "/models/train", trainer),
            "training only": status(address, "GET", "/models", trainer),
        }
    assert asked == {
        "public": 200,
        "no key at all": 401,
        "reading": 200,
        "writing only": 403,
        "training": 202,
        "training only": 403,
    }


def test_a_downstream_project_tests_itself_with_nothing_but_the_kit(tmp_path: Path) -> None:
    project = shutil.copytree(EXAMPLES / "downstream", tmp_path / "downstream")
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "ignore:assertions not in test modules")
    tested = subprocess.run(command, cwd=project, check=False, capture_output=True, encoding="utf-8", timeout=120)
    assert tested.returncode == 0, tested.stdout
    assert "18 passed" in tested.stdout


@pytest.mark.parametrize("test", sorted(EXAMPLES.glob("downstream/tests/*.py")), ids=lambda test: test.stem)
def test_a_downstream_test_knows_nothing_of_plexe_auth_but_its_fixtures(test: Path) -> None:
    imported = [line for line in test.read_text().splitlines() if line.startswith(("import ", "from "))]
    assert imported
    assert not [line for line in imported if "plexe_auth" in line]
