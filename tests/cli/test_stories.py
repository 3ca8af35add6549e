"""Whole stories of an operator with the installed command, in processes of its own, on every kind of database."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plexe_auth import Auth, RevokedKey
from tests.storage.test_database_command import COMMAND, WITHOUT
from tests.stores import emptied

CANARY = "canary-of-a-password"
PASSWORD = "a long and lovely word"
SERVE = """
import sys
from waitress.server import create_server
from plexe_auth.cli.serving import listening, run

def app(environ, start_response):
    start_response("200 OK", [("content-length", "2")])
    return [environ["REMOTE_ADDR"].encode()[:1] + str(environ.get("HTTP_X_API_KEY")).encode()[:1]]

run(listening(create_server, app, sys.argv[1], 0, 2))
"""


def told(*arguments: str, said: str = "", **environ: str) -> "subprocess.CompletedProcess[str]":
    env = {name: text for name, text in os.environ.items() if not name.startswith("PLEXE_AUTH_")} | environ
    return subprocess.run(
        [str(COMMAND), *arguments], input=said, capture_output=True, text=True, check=False, timeout=60, env=env
    )


@contextmanager
def serving(command: list[str]) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Give a process that serves, and where; it ends with the block."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            yield process, process.stderr.readline().removeprefix("Serving on ").strip()
        finally:
            process.kill()


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/auth.db"
    return emptied(request.getfixturevalue(f"{request.param}_url"))


def test_an_operator_sets_up_a_database_and_looks_after_a_key(place: str, tmp_path: Path) -> None:
    where = {"PLEXE_AUTH_URL": place, "PLEXE_AUTH_SPOOL_DIR": str(tmp_path / "spool")}
    assert told("db", "upgrade", **where).returncode == 0
    made = told("keys", "create", "acct_42", "--name", "CI", "--quiet", **where)
    assert (made.returncode, made.stderr, made.stdout.count("\n")) == (0, "", 1)
    text = made.stdout.strip()
    with Auth.open(place) as auth:
        key = auth.keys.verify(text)
    [listed] = json.loads(told("keys", "list", "acct_42", "--json", **where).stdout)["items"]
    assert (listed["id"], listed["status"], listed["last_used_at"] is None) == (key.id, "active", False)
    explained = told("keys", "explain", "--url", "-", "--json", said=f"{place}\n{text}\n")
    assert json.loads(explained.stdout)["allowed"]
    assert told("keys", "revoke", key.id, "--reason", "left", **where).returncode == 0
    with Auth.open(place) as auth, pytest.raises(RevokedKey):
        auth.keys.verify(text)
    assert json.loads(told("usage", "acct_42", "--json", **where).stdout)["items"][0]["allowed"] == 1
    assert told("logs", "verify", **where).returncode == 0
    exported = [json.loads(line)["action"] for line in told("logs", "export", "-", **where).stdout.splitlines()]
    assert exported == ["key.verify", "key.revoke", "key.verify", "key.create"]
    assert told("doctor", **where).returncode == 0


def test_people_are_looked_after_on_every_database(place: str, tmp_path: Path) -> None:
    where = {"PLEXE_AUTH_URL": place, "PLEXE_AUTH_SPOOL_DIR": str(tmp_path / "spool")}
    told("db", "upgrade", **where)
    made = told("users", "create", "ada@example.com", "--json", said=f"{PASSWORD}\n{PASSWORD}\n", **where)
    user = json.loads(made.stdout)
    with Auth.open(place) as auth:
        auth.sign_in.with_password("ada@example.com", PASSWORD)
    assert len(json.loads(told("users", "sessions", user["id"], "--json", **where).stdout)["items"]) == 1
    assert told("users", "sign-out", user["id"], **where).stdout == "1 ended.\n"
    assert told("accounts", "suspend", user["account_id"], **where).returncode == 0
    assert told("users", "delete", user["id"], "--yes", **where).returncode == 0


def test_without_a_database_every_command_is_misused_and_none_is_made(tmp_path: Path) -> None:
    for arguments in (("keys", "list", "a"), ("users", "list"), ("logs",), ("usage", "a"), ("doctor",), ("serve",)):
        nowhere = told(*arguments)
        assert (nowhere.returncode, nowhere.stdout, "--url" in nowhere.stderr) == (2, "", True)
        missing = told(*arguments, PLEXE_AUTH_URL=f"sqlite:///{tmp_path}/misspelt.db")
        assert (missing.returncode, "is not there" in missing.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [("keys", "create", "acct_42", "--name", "CI"), ("users", "create", "a@b.example")]
)
def test_the_first_key_or_person_makes_a_SQLite_file(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    place = f"sqlite:///{tmp_path}/new.db"
    made = told(*arguments, "--json", said=f"{PASSWORD}\n{PASSWORD}\n", PLEXE_AUTH_URL=place)
    assert made.returncode == 0, made.stderr
    with Auth.open(place) as auth:
        assert len(auth.keys.page("acct_42").items) + len(auth.users.page().items) == 1


def test_another_programs_database_gets_no_tables_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "theirs.db"
    file.touch()
    result = told("keys", "list", "acct_42", PLEXE_AUTH_URL=f"sqlite:///{file}")
    assert (result.returncode, "run plexe-auth db upgrade" in result.stderr) == (2, True)
    assert file.read_bytes() == b""


def test_H17_a_setting_that_is_wrong_ends_every_command(url: str) -> None:
    result = told("keys", "list", "acct_42", PLEXE_AUTH_URL=url, PLEXE_AUTH_PEPPERS="canary")
    assert (result.returncode, result.stdout) == (2, "")
    assert "peppers" in result.stderr
    assert "canary" not in result.stderr


@pytest.mark.parametrize("arguments", [("keys", "list", "acct_42"), ("doctor", "--json"), ("logs", "export", "-")])
def test_a_server_that_is_away_is_a_refusal_without_its_password(arguments: tuple[str, ...]) -> None:
    result = told(*arguments, PLEXE_AUTH_URL=f"postgresql://user:{CANARY}@127.0.0.1:1/name")
    assert result.returncode == 1
    assert CANARY not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr


def test_whoever_reads_only_the_beginning_is_no_error(url: str, library: Auth) -> None:
    for number in range(1200):
        library.accounts.suspend(f"acct_{number}", reason="x" * 200)
    shell = f"'{COMMAND}' logs export - --url '{url}' | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == ""
    assert done.stdout.splitlines()[1:] == ["141"]


def test_a_terminal_that_lacks_letters_ends_no_command(url: str, library: Auth) -> None:
    key = library.keys.create("acct_42", name="鍵").key
    shown = told("keys", "show", key.id, PLEXE_AUTH_URL=url, PYTHONIOENCODING="ascii")
    assert (shown.returncode, "\\u9375" in shown.stdout) == (0, True)


def test_without_rich_the_extra_is_named() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing="rich"), "keys"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "plexe-auth: rich is not installed; pip install 'plexe-auth[cli]'\n"


def test_without_waitress_serving_names_the_extra(url: str) -> None:
    command = [sys.executable, "-c", WITHOUT.format(missing="waitress"), "serve", "--url", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "plexe-auth: waitress is not installed; pip install 'plexe-auth[serve]'\n"


@pytest.mark.parametrize(("ending", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_real_server_answers_until_it_is_told_to_end(ending: signal.Signals, code: int, host: str) -> None:
    program = (
        f"import click\ntry:\n    exec({SERVE!r})\nexcept click.exceptions.Exit as end:\n    sys.exit(end.exit_code)"
    )
    command = [sys.executable, "-c", f"import sys\n{program}", host]
    with serving(command) as (process, base):
        asked = urllib.request.Request(base, headers={"x_api_key": "K", "x-forwarded-for": "9.9.9.9"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            assert answer.read()[1:] == b"N"  # no key: a name with underscores never carries one
            assert "server" not in {name.lower() for name in answer.headers}
        process.send_signal(ending)
        assert process.wait(30) == code
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
