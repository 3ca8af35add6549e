"""``plexe-auth doctor`` finds what an operator can get wrong, says what to do, and ends with 1 where it must."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import Auth, Policy
from plexe_auth.cli.checkup.database import of_clock
from plexe_auth.storage.sql.server_clock import ahead
from plexe_auth.wsgi import AuthMiddleware
from tests.cli.conftest import Command

SOUND = {
    "PLEXE_AUTH_SECRET_KEYS": "correct-horse-battery-staple",
    "PLEXE_AUTH_BASE_URL": "https://app.example.com",
}
Look = Callable[..., dict[str, Any]]


@pytest.fixture
def look(command: Command, tmp_path: Path) -> Look:
    """What the doctor finds that is not well, by check."""
    for file in tmp_path.iterdir():
        file.chmod(0o600)

    def looked(*arguments: str, code: int = 0, **environ: str) -> dict[str, Any]:
        result = command("doctor", "--json", *arguments, **SOUND, **environ)
        told = json.loads(result.stdout)
        assert (result.exit_code, told["ok"]) == (code, not code)
        assert all(one["to_do"] for one in told["checks"] if one["level"] != "ok")
        return {one["check"]: one for one in told["checks"] if one["level"] != "ok"}

    return looked


def test_a_sound_installation_is_all_well(look: Look, command: Command) -> None:
    assert look() == {}
    lines = command("doctor", **SOUND).stdout.splitlines()
    assert {line.split()[0] for line in lines} == {"ok"}


@pytest.mark.parametrize(
    ("name", "value", "level"),
    [
        ("HASH_COST", "insecure_tests", "fail"),
        ("MAX_STALENESS", "PT5M", "warn"),
        ("SESSION_LIFETIME", "P365D", "warn"),
        ("LOG_OUTAGE", "serve", "warn"),
        ("RATE_STORAGE", "memory://", "warn"),
        ("HASH_COTS", "owasp", "fail"),
        ("PEPPERS", "canary", "fail"),
    ],
)
def test_a_setting_that_weakens_is_found(look: Look, name: str, value: str, level: str) -> None:
    found = look(code=int(level == "fail"), **{f"PLEXE_AUTH_{name}": value})
    assert {check: one["level"] for check, one in found.items()} == {"settings": level}
    assert "canary" not in str(found)


def test_H17_what_has_no_default_secret_is_told_to_need_one(command: Command) -> None:
    told = json.loads(command("doctor", "--json").stdout)
    found = [one["found"] for one in told["checks"] if one["check"] == "settings"]
    assert len(found) == 2
    assert "authenticator app" in found[0]


@pytest.mark.parametrize(("mode", "level"), [(0o644, "warn"), (0o640, "warn"), (0o620, "fail"), (0o602, "fail")])
def test_files_that_others_may_read_or_write_are_found(look: Look, tmp_path: Path, mode: int, level: str) -> None:
    file = tmp_path / "auth.db"
    file.chmod(mode)
    found = look(code=int(level == "fail"))["files"]
    assert (found["level"], found["to_do"]) == (level, f"chmod 600 {file}")


def test_a_folder_that_others_may_write_to_is_found(look: Look, tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    assert look(code=1)["files"]["to_do"] == f"chmod go-w {tmp_path}"
    tmp_path.chmod(0o1777)
    assert "files" not in look()


def test_keys_without_end_are_found(look: Look, library: Auth) -> None:
    endless = library.keys.create("acct_42", name="endless").key
    library.keys.create("acct_42", name="bounded", expires_in=timedelta(days=1))
    library.keys.revoke(library.keys.create("acct_42", name="revoked").key.id)
    assert look()["keys without end"]["keys"] == [endless.id]


def test_idle_keys_are_found(look: Look, url: str) -> None:
    year = timedelta(days=365)
    with Auth.open(url, clock=lambda: datetime.now(UTC) - timedelta(days=40)) as before:
        issued = [before.keys.create("acct_42", name=name, expires_in=year) for name in ("idle", "used")]
    with Auth.open(url) as now:
        now.keys.verify(issued[1].secret.reveal())
    assert look("--idle-days", "30")["idle keys"]["keys"] == [issued[0].key.id]
    assert look() == {}


def test_keys_that_hold_more_than_they_use_are_found(look: Look, url: str) -> None:
    soon = timedelta(days=1)
    with Auth.open(url) as auth:
        names = {"reads": "*:*", "writes": "read write", "may only read": "read", "is verified": "read write"}
        issued = {name: auth.keys.create("acct_42", name, held, soon) for name, held in names.items()}
        for name, method in (
            ("reads", "GET"),
            ("reads", "HEAD"),
            ("writes", "POST"),
            ("writes", "GET"),
            ("may only read", "GET"),
        ):
            assert asked(auth, method, issued[name].secret.reveal()) == "200 OK"
        auth.keys.verify(issued["is verified"].secret.reveal())
    assert look()["keys that hold too much"]["keys"] == [issued["reads"].key.id]


def asked(auth: Auth, method: str, key: str) -> str:
    """Return the status of a request through the gate."""
    statuses: list[str] = []

    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return []

    environ = {"REQUEST_METHOD": method, "PATH_INFO": "/models", "SCRIPT_NAME": "", "QUERY_STRING": ""}
    environ |= {"wsgi.url_scheme": "http", "REMOTE_ADDR": "127.0.0.1", "HTTP_X_API_KEY": key}
    list(AuthMiddleware(app, auth, Policy())(environ, lambda status, *_: statuses.append(status)))  # type: ignore[arg-type,return-value]
    return statuses[0]


def test_a_schema_that_is_old_is_told_with_the_command_that_helps(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch(0o600)
    result = command("doctor", "--json", "--url", f"sqlite:///{tmp_path}/empty.db")
    [schema] = [one for one in json.loads(result.stdout)["checks"] if one["check"] == "schema"]
    assert (result.exit_code, schema["level"], schema["to_do"]) == (1, "fail", "Run plexe-auth db upgrade.")


def test_a_database_that_is_not_there_is_misuse_and_is_not_made(command: Command, tmp_path: Path) -> None:
    assert command("doctor", "--url", f"sqlite:///{tmp_path}/none.db").exit_code == 2
    assert not (tmp_path / "none.db").exists()


def test_a_server_that_does_not_answer_is_found_and_its_password_not_told(command: Command) -> None:
    result = command("doctor", "--json", "--url", "postgresql://user:canary@127.0.0.1:1/name")
    found = {one["check"]: one for one in json.loads(result.stdout)["checks"]}
    assert (result.exit_code, found["database"]["level"], found["url"]["level"]) == (1, "fail", "warn")
    assert "canary" not in result.output


def test_an_entry_from_the_future_is_found(look: Look, url: str) -> None:
    with Auth.open(url, clock=lambda: datetime.now(UTC) + timedelta(hours=1)) as ahead_of_us:
        ahead_of_us.accounts.suspend("acct_42")
    assert look(code=1)["clock"]["level"] == "fail"


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, "ok"), (-2, "ok"), (2.1, "warn"), (-29, "warn"), (30, "fail"), (-3600, "fail")]
)
def test_clocks_that_disagree_are_found(seconds: float, level: str) -> None:
    [found] = of_clock(timedelta(seconds=seconds))
    assert found.level == level


@pytest.mark.parametrize("server", ["postgresql", "mariadb"])
def test_the_clock_of_a_server_is_read(server: str, request: pytest.FixtureRequest) -> None:
    apart = ahead(request.getfixturevalue(f"{server}_url"))
    assert apart is not None
    assert abs(apart) < timedelta(seconds=2)
