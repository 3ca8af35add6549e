"""What a letter leads to: signing up, a new password, an invitation; told alike, and used up by a button alone."""

from typing import Any

import pytest

from plexe_auth.model.budget import LETTERS_TO
from plexe_auth.model.cookie import NAME
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.console.browser import Answer, Browser
from tests.console.conftest import ACCOUNT, EMAIL, PASSWORD
from tests.people.test_mfa import App

NEW = "another long lovely word"
GRACE = "grace@example.com"
PAGES = ("/verify-email", "/reset-password", "/accept-invitation")


def signed_up(browser: Browser, email: str = GRACE) -> Answer:
    return browser.submit(browser.get("/sign-up"), "/sign-up", email=email, password=PASSWORD, name="Grace")


def forgot(browser: Browser, email: str = EMAIL) -> Answer:
    return browser.submit(browser.get("/forgot-password"), "/forgot-password", email=email)


def test_the_whole_way_from_signing_up_to_being_in(browser: Browser, mailbox: Mailbox, auth: Any) -> None:
    assert signed_up(browser).path == "/sign-up/sent"
    page = browser.get("/verify-email")
    assert mailbox.link().partition("#")[0] == page.url
    proven = browser.submit(page, "/verify-email", token=mailbox.token())
    assert proven.path == "/sign-in"
    assert "Your address is proven." in proven.words
    assert not browser.cookies
    assert browser.submit(proven, "/sign-in", email=GRACE, password=PASSWORD).path == "/keys"


def test_signing_up_tells_nobody_whether_an_address_is_known(
    browser: Browser, owner: Any, mailbox: Mailbox, auth: Any
) -> None:
    known, unknown = signed_up(browser, EMAIL), signed_up(browser, GRACE)
    assert (known.status, known.url, known.text) == (unknown.status, unknown.url, unknown.text)
    assert mailbox.last(EMAIL).subject != mailbox.last(GRACE).subject
    assert auth.sign_in.with_password(EMAIL, PASSWORD).user.id == owner.id  # and changes nothing of theirs


def test_a_forgotten_password_tells_nobody_whether_an_address_is_known(
    browser: Browser, owner: Any, mailbox: Mailbox
) -> None:
    known, unknown = forgot(browser, EMAIL), forgot(browser, GRACE)
    assert (known.status, known.url, known.text) == (unknown.status, unknown.url, unknown.text)
    assert [one.to for one in mailbox] == [EMAIL]


@pytest.mark.parametrize("ask", [signed_up, forgot])
def test_L20_too_many_letters_are_told_alike_and_when_to_come_back(browser: Browser, owner: Any, ask: Any) -> None:
    told = []
    for email in (EMAIL, GRACE):
        answers = [ask(browser, email) for _ in range(LETTERS_TO.limit + 1)]
        assert [one.status for one in answers] == [200] * LETTERS_TO.limit + [429]
        assert answers[-1].form(answers[-1].path).names
        told.append((answers[-1].words, answers[-1].header("retry-after")))
    assert told[0] == told[1]
    assert int(told[0][1] or "") > 0


def test_what_is_wrong_with_a_registration_is_named_and_no_letter_is_sent(browser: Browser, mailbox: Mailbox) -> None:
    for typed, field in (({"email": "nobody"}, "email"), ({"password": "short"}, "password")):
        sent = {"email": GRACE, "password": PASSWORD, "name": "Grace", **typed}
        answer = browser.post("/sign-up", sent)
        assert answer.status == 422
        assert f"({field})" in answer.words
        assert 'value="Grace"' in answer.text
        assert sent["password"] not in answer.text
    assert len(mailbox) == 0


def test_a_new_password_lets_in_ends_every_session_and_its_letter_is_good_once(ada: Browser, mailbox: Mailbox) -> None:
    other = ada.another()
    forgot(other)
    token = mailbox.token()
    page = other.get("/reset-password")
    weak = other.submit(page, "/reset-password", token=token, password="short")
    assert weak.status == 422
    assert dict(weak.form("/reset-password").fields) == {"token": token, "password": ""}
    assert ada.get("/keys").path == "/keys"
    done = other.submit(weak, "/reset-password", password=NEW)
    assert (done.status, done.path) == (200, "/keys")
    assert ada.get("/keys").path == "/sign-in"
    again = ada.submit(page, "/reset-password", token=token, password="yet another lovely word")
    assert again.status == 401
    assert NAME not in ada.cookies
    assert ada.post("/sign-in", {"email": EMAIL, "password": NEW}).path == "/keys"


def test_S07_who_has_a_second_factor_shows_it_after_a_new_password_and_a_letter_is_none(
    browser: Browser, auth: Any, owner: Any, clock: Clock, mailbox: Mailbox
) -> None:
    app = App(auth, owner.id, clock)
    forgot(browser)
    page = browser.submit(browser.get("/reset-password"), "/reset-password", token=mailbox.token(), password=NEW)
    assert page.path == "/sign-in/second-factor"
    assert not [one for one in page.forms() if one.action.endswith("/code")]
    assert browser.get("/keys").path == "/sign-in"
    assert browser.post("/sign-in/second-factor", {"totp": app.next()}).path == "/keys"


def test_whoever_was_invited_accepts_and_is_in_the_account(
    browser: Browser, auth: Any, owner: Any, mailbox: Mailbox
) -> None:
    auth.invitations.create(ACCOUNT, GRACE, role="viewer")
    token, page = mailbox.token(), browser.get("/accept-invitation")
    assert mailbox.link().partition("#")[0] == page.url
    weak = browser.submit(page, "/accept-invitation", token=token, password="short", name="Grace")
    assert weak.status == 422
    done = browser.submit(weak, "/accept-invitation", password=NEW)
    assert (done.status, done.path) == (200, "/keys")
    user = auth.users.get(auth.sessions.verify(browser.cookies[NAME]).user_id)
    assert (user.account_id, user.role) == (ACCOUNT, "viewer")
    assert browser.another().submit(page, "/accept-invitation", token=token, password=NEW).status == 401


def test_a_link_scanner_uses_nothing_up(browser: Browser, auth: Any, owner: Any, mailbox: Mailbox) -> None:
    signed_up(browser)
    letters = [mailbox.last()]
    forgot(browser)
    letters.append(mailbox.last())
    auth.invitations.create(ACCOUNT, "alan@example.com")
    letters.append(mailbox.last())
    for letter, path in zip(letters, PAGES, strict=True):
        there, _sign, _token = mailbox.link(letter).partition("#")  # a fragment is sent to nobody
        for _ in range(3):
            assert browser.asked("GET", there.removeprefix("http://localhost"), b"").status == 200
            assert browser.asked("HEAD", there.removeprefix("http://localhost"), b"").status == 200
        sent = {"token": mailbox.token(letter)} | ({} if path == "/verify-email" else {"password": NEW})
        assert browser.another().post(path, sent, follow=False).status == 303


@pytest.mark.parametrize("path", PAGES)
def test_what_no_letter_brought_opens_nothing_and_is_told_alike(browser: Browser, owner: Any, path: str) -> None:
    more = {} if path == "/verify-email" else {"password": NEW}
    answers = [browser.post(path, {"token": one, **more}) for one in ("", "x", "plx_reset_" + "a" * 49)]
    assert {one.status for one in answers} == {401}
    assert len({one.words for one in answers}) == 1
    assert not browser.cookies


@pytest.mark.parametrize("path", PAGES)
def test_a_token_stands_in_no_address_and_in_no_page_that_is_kept(browser: Browser, path: str) -> None:
    page = browser.get(path)
    assert page.header("cache-control") == "no-store"
    assert "data-token" in page.text
    assert "data-without-token>" in page.text
    assert "data-with-token hidden>" in page.text
    assert browser.get(f"{path}?token=x").status == 422  # it belongs into the fragment
