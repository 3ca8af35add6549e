"""Whoever only reads is remembered, yet what changed of them shows on their next page, whoever has changed it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.console.browser import FACES, Browser
from tests.console.conftest import ACCOUNT, EMAIL, PASSWORD
from tests.stores import sqlite_url


@pytest.fixture(params=["memory", "sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> str:
    """A store that only this process has, and one that others have too."""
    return "memory://" if request.param == "memory" else sqlite_url(sqlite_template, tmp_path, rollback=False)


@pytest.fixture
def there(
    auth: Any, kind: str, store_url: str, opened: Callable[..., Any], clock: Clock, settings: Any, mailbox: Mailbox
) -> Any:
    """Another process, where several have the store; it shares none of what this one remembers."""
    if store_url == "memory://":
        return auth
    return opened(FACES[kind], store_url, clock=clock, settings=settings, mailer=mailbox)


def world(auth: Any) -> Any:
    return (getattr(auth, "awaited", None) or auth).world


def verifications(auth: Any) -> list[str | None]:
    auth.log.flush()
    return [one.path for one in auth.log.page(action="session.verify") if one.outcome == "allowed"]


def test_an_address_that_is_proven_shows_on_the_next_page(ada: Browser, there: Any, owner: Any, mailbox: Any) -> None:
    assert "(not proven)" in ada.get("/security").words
    there.users.request_verification(owner.id)
    there.users.verify_email(mailbox.token())
    assert "(proven)" in ada.get("/security").words


def test_a_password_that_is_set_by_a_letter_shows_who_is_out(
    ada: Browser, there: Any, owner: Any, mailbox: Any
) -> None:
    assert ada.get("/security").status == 200
    there.users.request_reset(EMAIL)
    there.users.reset(mailbox.token(), "another long and lovely word")
    assert ada.get("/security").path == "/sign-in"


def test_a_role_that_is_taken_shows_on_the_next_page(ada: Browser, there: Any, owner: Any) -> None:
    there.users.create("grace@example.com", PASSWORD, account_id=ACCOUNT, role="owner")
    assert ada.get("/new-key").status == 200
    there.users.change_role(owner.id, "viewer")
    assert ada.get("/new-key").status == 403
    assert "viewer" in ada.get("/security").words
    there.users.change_role(owner.id, "admin")
    assert ada.get("/new-key").status == 200


@pytest.mark.parametrize("ended", ["disabled", "deleted", "revoked", "suspended"])
def test_K05_whoever_may_come_in_no_more_sees_no_other_page(ada: Browser, there: Any, owner: Any, ended: str) -> None:
    there.users.create("grace@example.com", PASSWORD, account_id=ACCOUNT, role="owner")
    assert [ada.get("/security").status for _ in range(3)] == [200] * 3
    {
        "disabled": lambda: there.users.disable(owner.id),
        "deleted": lambda: there.users.delete(owner.id),
        "revoked": lambda: there.sessions.revoke_all(owner.id),
        "suspended": lambda: there.accounts.suspend(ACCOUNT),
    }[ended]()
    assert ada.get("/security", follow=False).status in (303, 403)


def test_each_visit_is_one_entry_of_the_log(ada: Browser, auth: Any) -> None:
    before = verifications(auth)
    for _ in range(4):
        ada.get("/new-key")
    assert verifications(auth) == ["/new-key"] * 4 + before


def test_what_another_session_sees_is_its_own_person(
    ada: Browser, auth: Any, as_role: Callable[[str], Browser]
) -> None:
    other = as_role("viewer")
    for _ in range(3):
        assert EMAIL in ada.get("/security").words
        assert EMAIL not in other.get("/security").words


def test_who_changes_something_is_looked_up_afresh(ada: Browser, auth: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, get = [], world(auth).store.get

    async def counted(table: str, *rest: Any, **more: Any) -> Any:
        asked.append(table)
        return await get(table, *rest, **more)

    ada.get("/security")
    monkeypatch.setattr(world(auth).store, "get", counted)
    ada.get("/security")
    assert "sessions" not in asked
    ada.post("/security/verification", follow=False)
    assert asked.count("sessions") == 1
