"""Verifying a key or a session that nobody remembers is one read, whatever comes of it, and writes nothing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from plexe_auth import Auth, AuthError, Settings
from tests.stores import emptied, sqlite_url
from tests.tap import tapped

STATES = {
    "good": "accepted",
    "revoked": "revoked_key",
    "disabled": "disabled_key",
    "expired": "expired_key",
    "suspended": "account_suspended",
    "lacking": "insufficient_permissions",
    "unknown": "invalid_key",
}
FORGETFUL = Settings(cache_entries=0)
WARM = 10  # by then a connection is open, and the driver has prepared the statement if it ever will
READ = {"postgresql": b"_pg3_", "mariadb": b"SELECT"}  # PostgreSQL is told the name of what it has prepared
STATEMENT = re.compile(rb"SELECT|INSERT|UPDATE|DELETE|REPLACE|BEGIN|COMMIT|ROLLBACK|SET ", re.IGNORECASE)


def texts(auth: Any) -> dict[str, str]:
    """A key in each state."""
    made = {state: auth.keys.create(f"acct_{state}", name=state) for state in STATES}
    auth.keys.revoke(made["revoked"].key.id)
    auth.keys.disable(made["disabled"].key.id)
    auth.keys.update(made["expired"].key.id, expires_at=auth.world.now())
    auth.accounts.suspend("acct_suspended")
    known = {state: issued.secret.reveal() for state, issued in made.items()}
    with Auth.open("memory://") as elsewhere:
        return {**known, "unknown": elsewhere.keys.create("acct_1", name="unknown").secret.reveal()}


def outcome(auth: Any, text: str, state: str) -> str:
    try:
        auth.keys.verify(text, permission="write" if state == "lacking" else "read")
    except AuthError as refused:
        return refused.code
    return "accepted"


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The access log is stored when it is closed, and not between the statements that are looked at."""
    monkeypatch.setattr("plexe_auth.journal.background.SOON", 3600.0)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Every statement that any SQLite connection runs, as SQLite itself tells."""
    told: list[str] = []

    def listen(connection: Any, _record: object) -> None:
        connection.set_trace_callback(told.append)

    event.listen(sa.Engine, "connect", listen)
    yield told
    event.remove(sa.Engine, "connect", listen)


@pytest.fixture(params=["wal", "rollback"])
def sqlite(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> str:
    return sqlite_url(sqlite_template, tmp_path, rollback=request.param == "rollback")


def test_on_sqlite_it_is_one_select(face: str, sqlite: str, opened: Callable[..., Any], statements: list[str]) -> None:
    auth = opened(face, sqlite, settings=FORGETFUL)
    for state, text in texts(auth).items():
        statements.clear()
        assert outcome(auth, text, state) == STATES[state]
        assert [statement.split()[0] for statement in statements] == ["SELECT"], state


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_on_a_server_it_is_one_trip_with_one_select(
    face: str, kind: str, opened: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    with tapped(emptied(request.getfixturevalue(f"{kind}_url"))) as (url, tap):
        auth = opened(face, url, settings=FORGETFUL)
        known = texts(auth)
        for _ in range(WARM):
            auth.keys.verify(known["good"])
        for state, text in known.items():
            tap.heard.clear()
            assert outcome(auth, text, state) == STATES[state]
            (asked,) = tap.asked()
            assert READ[kind] in asked, state
            assert not STATEMENT.search(asked.replace(b"SELECT", b"", 1)), state


def test_what_has_not_the_form_of_a_key_is_refused_without_a_read(
    face: str, sqlite: str, opened: Callable[..., Any], statements: list[str]
) -> None:
    auth = opened(face, sqlite)
    good = auth.keys.create("acct_1", name="good").secret.reveal()
    statements.clear()
    assert [outcome(auth, text, "") for text in ("", "plx_sk_", good[:-1], good.swapcase())] == ["invalid_key"] * 4
    assert statements == []


def test_a_key_that_is_remembered_is_no_statement_at_all(
    face: str, sqlite: str, opened: Callable[..., Any], statements: list[str]
) -> None:
    auth = opened(face, sqlite, settings=Settings(max_staleness=timedelta(minutes=1)))
    good = auth.keys.create("acct_1", name="good").secret.reveal()
    auth.keys.verify(good, permission="models:read")
    statements.clear()
    for _ in range(3):
        auth.keys.verify(good, permission="models:read")
    assert statements == []


@pytest.fixture
def signed_in(face: str, sqlite: str, opened: Callable[..., Any]) -> Callable[..., tuple[Any, str]]:
    """Opens an `Auth` under some settings, and signs somebody in."""

    def sign_in(settings: Settings) -> tuple[Any, str]:
        auth = opened(face, sqlite, settings=replace(settings, hash_cost="insecure_tests"))
        auth.users.create("ada@example.com", "a long and lovely word")
        result = auth.sign_in.with_password("ada@example.com", "a long and lovely word")
        return auth, result.token.reveal()

    return sign_in


def test_a_session_that_nobody_remembers_is_one_select_too(
    signed_in: Callable[..., tuple[Any, str]], statements: list[str]
) -> None:
    auth, token = signed_in(FORGETFUL)
    statements.clear()
    for _ in range(3):
        auth.sessions.verify(token, permission="models:read")
    assert [statement.split()[0] for statement in statements] == ["SELECT"] * 3


def test_a_session_that_is_remembered_is_no_statement_at_all(
    signed_in: Callable[..., tuple[Any, str]], statements: list[str]
) -> None:
    auth, token = signed_in(Settings(max_staleness=timedelta(minutes=1)))
    auth.sessions.verify(token, permission="models:read")
    statements.clear()
    for _ in range(3):
        auth.sessions.verify(token, permission="models:read")
    assert statements == []
