"""Whoever signs in from where they have never been is told by mail, and of where they always come from nobody is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import Client
from plexe_auth.model.session import KEPT
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.people.conftest import HOME, PASSWORD
from tests.people.test_mfa import App, challenge

ABROAD = Client("203.0.113.9", "Browser <b>of</b> somebody")

on_memory = pytest.mark.parametrize("store_url", ["memory"], indirect=True)  # what no store changes


def told(mailbox: Mailbox) -> list[tuple[str, str]]:
    return [(one.to, one.text) for one in mailbox if one.subject.startswith("A new sign-in")]


def test_a_sign_in_from_a_new_network_is_told_once(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    assert told(mailbox) == [], "who signs in for the first time knows"
    auth.sign_in.with_password(ada.email, PASSWORD, ABROAD)
    ((to, text),) = told(mailbox)
    assert to == ada.email
    for part in ("29 March 2026, 12:00 UTC", "203.0.113.9", "Browser", "https://app.example.com/reset-password"):
        assert part in text
    for client in (HOME, ABROAD, Client(ABROAD.ip, "another browser")):
        auth.sign_in.with_password(ada.email, PASSWORD, client)
    assert len(told(mailbox)) == 1


@on_memory
def test_a_network_is_known_by_its_first_64_bits_and_for_as_long_as_sessions_are_kept(
    auth: Any, ada: Any, mailbox: Mailbox, clock: Clock
) -> None:
    for ip in ("2001:db8::1", "2001:db8::ffff"):
        auth.sign_in.with_password(ada.email, PASSWORD, Client(ip))
    assert told(mailbox) == []
    auth.sign_in.with_password(ada.email, PASSWORD, Client("2001:db8:0:1::1"))
    assert len(told(mailbox)) == 1
    clock.advance(KEPT + timedelta(days=15))
    auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    assert len(told(mailbox)) == 2
    auth.sign_in.with_password(ada.email, PASSWORD, Client("2001:db8::1"))
    assert len(told(mailbox)) == 3


@on_memory
def test_nobody_is_told_of_who_was_not_let_in(auth: Any, ada: Any, mailbox: Mailbox, clock: Clock) -> None:
    app = App(auth, ada.id, clock)
    asked = challenge(auth, ada.email)
    auth.sign_in.answer(asked.token.reveal(), "totp", app.next(), HOME)
    challenge(auth, ada.email)
    assert told(mailbox) == []
    asked = auth.sign_in.with_password(ada.email, PASSWORD, ABROAD)
    assert told(mailbox) == [], "a password alone has opened nothing"
    auth.sign_in.answer(asked.token.reveal(), "totp", app.next(), ABROAD)
    assert len(told(mailbox)) == 1


@on_memory
def test_where_nobody_knows_from_where_there_is_nothing_to_tell(
    auth: Any, ada: Any, mailbox: Mailbox, face: str, opened: Callable[..., Any], settings: Any
) -> None:
    for client in (HOME, Client(), Client(None, "browser")):
        auth.sign_in.with_password(ada.email, PASSWORD, client)
    assert told(mailbox) == []
    silent = opened(face, "memory://", settings=settings)
    silent.users.create(ada.email, PASSWORD)
    assert all(silent.sign_in.with_password(ada.email, PASSWORD, client) for client in (HOME, ABROAD))
