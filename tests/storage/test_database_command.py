"""``plexe-auth db`` looks at a schema and brings it up to date; its exit code says what to do about a failure."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from plexe_auth import Auth
from plexe_auth.storage.sql.prepare import HEAD
from tests.storage.test_opening import set_version

COMMAND = Path(sys.executable).with_name("plexe-auth")
CANARY = "canary-of-a-password"


def plexe_auth(*arguments: str, told: str = "") -> tuple[int, str, str]:
    """Return the exit code of the installed command, and what it wrote to its two outputs."""
    return _run([str(COMMAND), *arguments], told)


def _run(command: list[str], told: str = "") -> tuple[int, str, str]:
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/auth.db"


def test_upgrade_makes_the_schema_that_opening_asks_for(bare_url: str) -> None:
    code, out, err = plexe_auth("db", "upgrade", "--url", bare_url)
    assert (code, err) == (0, "")
    assert f"upgraded from nothing to {HEAD}" in out
    Auth.open(bare_url).close()


def test_upgrade_and_current_answer_in_json(file_url: str) -> None:
    answers = [
        json.loads(plexe_auth("db", verb, "--url", file_url, "--json")[1]) for verb in ("upgrade", "upgrade", "current")
    ]
    shown = file_url.replace("sqlite:", "sqlite+pysqlite:")
    first = {"database": shown, "before": None, "now": HEAD, "newest": HEAD}
    assert plexe_auth("db", "current", "--url", file_url)[1] == f"{shown}: {HEAD}, the newest\n"
    assert answers == [first, first | {"before": HEAD}, first | {"before": HEAD}]


def test_current_changes_nothing(bare_url: str) -> None:
    for _ in range(2):
        code, out, _err = plexe_auth("db", "current", "--url", bare_url)
        assert (code, out.partition(": ")[2]) == (0, f"no schema; {HEAD} is the newest\n")


def test_current_creates_no_file(tmp_path: Path, file_url: str) -> None:
    code, out, err = plexe_auth("db", "current", "--url", file_url)
    assert (code, out) == (2, "")
    assert "is not there" in err
    assert list(tmp_path.iterdir()) == []


def test_a_newer_schema_is_refused_and_left_alone(file_url: str) -> None:
    plexe_auth("db", "upgrade", "--url", file_url)
    set_version(file_url, "9999")
    code, out, err = plexe_auth("db", "upgrade", "--url", file_url)
    assert (code, out) == (2, "")
    assert "install a newer version" in err
    assert "9999" in plexe_auth("db", "current", "--url", file_url)[1]


def test_a_database_that_does_not_answer_is_a_refusal() -> None:
    url = f"postgresql://user:{CANARY}@127.0.0.1:1/name"
    code, out, err = plexe_auth("db", "upgrade", "--url", url)
    assert (code, out) == (1, "")
    assert "refused" in err
    assert CANARY not in err


def test_a_refusal_is_json_where_that_was_asked_for() -> None:
    code, out, err = plexe_auth("db", "current", "--url", "mysql://127.0.0.1:1/name", "--json")
    assert (code, out) == (1, "")
    assert json.loads(err)["code"] == "unavailable"


@pytest.mark.parametrize(
    "arguments",
    [
        ["db", "upgrade"],
        ["db", "upgrade", "--url", f"nonsense-{CANARY}"],
        ["db", "upgrade", "--url", "memory://"],
        ["db", "upgrade", "--url", f"postgresql+psycopg2://u:{CANARY}@host/name"],
        ["db", "current", "--url", "sqlite:////nowhere/at/all.db", "--json"],
        ["nonsense"],
    ],
)
def test_what_makes_no_sense_is_misuse(arguments: list[str]) -> None:
    code, out, err = plexe_auth(*arguments)
    assert (code, out) == (2, "")
    assert err
    assert CANARY not in err
    assert "Traceback" not in err


def test_the_url_can_come_on_standard_input(file_url: str) -> None:
    code, out, _err = plexe_auth("db", "upgrade", "--url", "-", told=f"{file_url}\n")
    assert code == 0
    assert "auth.db: upgraded" in out


def test_the_module_is_the_command(file_url: str) -> None:
    code, out, err = _run([sys.executable, "-m", "plexe_auth", "db", "upgrade", "--url", file_url])
    assert (code, err) == (0, "")
    assert "upgraded from nothing" in out


WITHOUT = """
import sys
sys.modules[{missing!r}] = None  # as if it were not installed
from plexe_auth.cli import main
main()
"""


def test_without_click_the_extra_is_named() -> None:
    told = _run([sys.executable, "-c", WITHOUT.format(missing="click"), "db", "current"])
    assert told == (2, "", "plexe-auth: click is not installed; pip install 'plexe-auth[cli]'\n")


def test_another_missing_module_is_not_taken_for_click() -> None:
    code, _out, err = _run([sys.executable, "-c", WITHOUT.format(missing="sqlalchemy"), "db", "current"])
    assert code == 1
    assert "ModuleNotFoundError: import of sqlalchemy halted" in err


def test_importing_what_python_dash_m_runs_runs_nothing() -> None:
    assert importlib.import_module("plexe_auth.__main__").__name__ == "plexe_auth.__main__"
