"""Between a password and a session stands a challenge: it opens its answer alone, and one answer once."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pyotp.totp import TOTP
from sqlalchemy import event

from plexe_auth import Auth, Settings
from plexe_auth.console.cookies import CHALLENGE
from plexe_auth.model.budget import FACTORS
from plexe_auth.model.challenge import LASTS
from plexe_auth.model.cookie import NAME
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.console.browser import Answer, Browser
from tests.console.conftest import ACCOUNT, EMAIL, PASSWORD, signed_in
from tests.console.test_signing_in import Phone
from tests.faces import Loop
from tests.people.test_mfa import App
from tests.stores import sqlite_url

WANTED = "/console/keys?status=active"
FACTOR = "/sign-in/second-factor"


@pytest.fixture
def app(auth: Any, owner: Any, clock: Clock) -> App:
    return App(auth, owner.id, clock)


def challenged(browser: Browser) -> Answer:
    page = browser.get(f"/sign-in?next={WANTED}")
    return browser.submit(page, "/sign-in", email=EMAIL, password=PASSWORD)


def form_of(page: Answer, field: str) -> dict[str, str]:
    """What the form with a field would send."""
    [found] = [one for one in page.forms() if field in one.names]
    return dict(found.fields)


def answer_with(browser: Browser, page: Answer, field: str, text: str) -> Answer:
    return browser.post(FACTOR, {**form_of(page, field), field: text})


def test_the_code_of_an_app_lets_in_and_leads_to_where_one_wanted(browser: Browser, app: App) -> None:
    page = challenged(browser)
    assert (page.path, set(browser.cookies)) == (FACTOR, {CHALLENGE})
    there = answer_with(browser, page, "totp", app.next())
    assert (there.status, there.url.endswith(WANTED)) == (200, True)
    assert set(browser.cookies) == {NAME}


def test_S07_the_challenge_opens_nothing_but_its_answer(browser: Browser, app: App, auth: Any) -> None:
    challenged(browser)
    token = browser.cookies[CHALLENGE]
    for cookies in ({CHALLENGE: token}, {NAME: token}, {CHALLENGE: token, NAME: token}):
        thief = browser.another()
        for path in ("/", "/keys", "/new-key", "/confirm"):
            thief.cookies = dict(cookies)
            assert thief.get(path).path == "/sign-in"
        thief.cookies = dict(cookies)
        assert thief.post("/new-key", {"name": "x", "once": "0123456789"}).path == "/sign-in"
    assert auth.keys.page(ACCOUNT).items == ()


def test_S01_the_challenge_is_no_session_after_it_was_answered_and_is_answered_once(browser: Browser, app: App) -> None:
    page = challenged(browser)
    token = browser.cookies[CHALLENGE]
    answer_with(browser, page, "totp", app.next())
    assert browser.cookies[NAME] != token
    other = browser.another()
    other.cookies = {CHALLENGE: token, NAME: token}
    assert other.get("/keys").path == "/sign-in"
    assert answer_with(other, page, "totp", app.next()).path == "/sign-in"
    assert NAME not in other.cookies


def test_a_wrong_code_shows_the_page_again_until_there_were_too_many(browser: Browser, app: App) -> None:
    page = challenged(browser)
    tried = [
        answer_with(browser, page, "totp", "000000") for _ in range(FACTORS.limit - 1)
    ]  # one was spent on adding the app
    assert {(one.status, one.path) for one in tried} == {(401, FACTOR)}
    assert form_of(tried[0], "totp") == {"next": WANTED, "totp": ""}
    late = answer_with(browser, page, "totp", app.next())
    assert late.status == 429
    assert 0 < int(late.header("retry-after") or "") <= 15 * 60
    assert NAME not in browser.cookies


def test_a_recovery_code_lets_in_once(browser: Browser, app: App) -> None:
    page = challenged(browser)
    assert answer_with(browser, page, "recovery", app.codes[0]).status == 200
    again = challenged(browser.another())
    other = browser.another()
    challenged(other)
    assert answer_with(other, again, "recovery", app.codes[0]).status == 401


def test_a_code_by_mail_lets_in_and_is_sent_only_by_a_button(
    browser: Browser, app: App, auth: Any, owner: Any, mailbox: Mailbox
) -> None:
    auth.users.request_verification(owner.id)
    auth.users.verify_email(mailbox.token())
    mailbox.clear()
    page = challenged(browser)
    browser.get(FACTOR)
    assert len(mailbox) == 0
    asked = browser.submit(page, f"{FACTOR}/code")
    assert "We have sent you a code." in asked.words
    [code] = re.findall(r"\b\d{4} ?\d{4}\b|\b\d{6,8}\b", mailbox.last().text)
    there = answer_with(browser, asked, "mailed", code)
    assert (there.status, there.url.endswith(WANTED)) == (200, True)


def test_a_code_by_mail_is_not_offered_nor_sent_where_the_address_is_not_proven(
    browser: Browser, app: App, mailbox: Mailbox
) -> None:
    mailbox.clear()
    page = challenged(browser)
    assert not [one for one in page.forms() if one.action.endswith("/code")]
    assert browser.post(f"{FACTOR}/code", {"next": WANTED}).status == 401
    assert len(mailbox) == 0


def test_a_passkey_answers_the_challenge(browser: Browser, owner: Any, auth: Any) -> None:
    phone = Phone(auth, owner.id)
    page = challenged(browser)
    assert page.path == FACTOR
    response = phone.signs(browser.post(f"{FACTOR}/passkey"))
    assert answer_with(browser, page, "response", response).url.endswith(WANTED)
    assert browser.another().post(f"{FACTOR}/passkey").path == "/sign-in"


def test_whose_challenge_is_over_signs_in_anew_and_still_goes_to_where_they_wanted(
    browser: Browser, app: App, clock: Clock
) -> None:
    page = challenged(browser)
    clock.advance(LASTS)
    for late in (browser.get(f"{FACTOR}?next={WANTED}"), answer_with(browser, page, "totp", app.next())):
        assert late.path == "/sign-in"
        assert "Please sign in once more." in late.words
        assert dict(late.form("/sign-in").fields)["next"] == WANTED
        assert CHALLENGE not in browser.cookies


def test_an_answer_that_is_empty_uses_nothing_up(browser: Browser, app: App) -> None:
    page = challenged(browser)
    assert browser.post(FACTOR, {"totp": "", "next": ""}).status == 422
    assert answer_with(browser, page, "totp", app.next()).status == 200


@pytest.fixture
def demanded(auth: Any, owner: Any) -> None:
    auth.accounts.require_mfa(ACCOUNT, grace=timedelta(0))


def test_who_has_no_factor_where_one_is_demanded_adds_one_and_gets_recovery_codes_once(
    browser: Browser, demanded: None, clock: Clock, auth: Any, owner: Any
) -> None:
    asked = challenged(browser)
    assert asked.path == "/sign-in/add-factor"
    page = browser.submit(asked, "/sign-in/add-factor/begin")
    assert "<svg" in page.text
    assert "style=" not in page.text
    assert page.header("cache-control") == "no-store"
    totp = TOTP(re.findall(r"data-secret>([A-Z2-7]+)<", page.text)[0])
    wrong = browser.submit(page, "/sign-in/add-factor", code="000000")
    assert wrong.status == 401
    assert totp.secret not in wrong.text
    done = browser.submit(wrong, "/sign-in/add-factor", code=totp.at(clock.now))
    assert "Keep these recovery codes" in done.words
    codes = re.findall(r"<li><code>([^<]+)</code>", done.text)
    assert len(codes) == 10
    assert f'href="{WANTED}"' in done.text
    assert set(browser.cookies) == {NAME}
    assert browser.get("/keys").status == 200
    again = browser.submit(wrong, "/sign-in/add-factor", code=totp.at(clock.now + timedelta(seconds=30)))
    assert again.path == "/sign-in"
    assert not set(codes) & set(re.findall(r"[\w-]+", again.text))


def test_a_factor_that_is_added_while_signing_in_shows_on_the_page_that_was_seen_before(
    browser: Browser, auth: Any, owner: Any, clock: Clock
) -> None:
    assert "Add an app" in signed_in(browser.another()).get("/security/two-step").words
    auth.accounts.require_mfa(ACCOUNT, grace=timedelta(0))
    page = browser.submit(challenged(browser), "/sign-in/add-factor/begin")
    totp = TOTP(re.findall(r"data-secret>([A-Z2-7]+)<", page.text)[0])
    browser.submit(page, "/sign-in/add-factor", code=totp.at(clock.now))
    assert "Remove the app" in browser.get("/security/two-step").words
    assert "Code of your authenticator app" in browser.get("/confirm").words


def test_an_app_that_another_page_has_begun_since_is_begun_anew(browser: Browser, demanded: None, clock: Clock) -> None:
    asked = challenged(browser)
    page, _other = (browser.submit(asked, "/sign-in/add-factor/begin") for _page in range(2))
    totp = TOTP(re.findall(r"data-secret>([A-Z2-7]+)<", page.text)[0])
    answer = browser.submit(page, "/sign-in/add-factor", code=totp.at(clock.now))
    assert (answer.status, answer.path) == (200, "/sign-in/add-factor")
    assert "<svg" in browser.submit(answer, "/sign-in/add-factor/begin").text
    assert NAME not in browser.cookies


def test_nobody_who_has_a_factor_adds_one_by_a_challenge(browser: Browser, app: App) -> None:
    challenged(browser)
    assert browser.get("/sign-in/add-factor").path == "/sign-in"
    challenged(browser)
    assert browser.post("/sign-in/add-factor/begin").path == "/sign-in"
    challenged(browser)
    sent = {"enrolment": "fct_1", "code": "000000"}
    assert browser.post("/sign-in/add-factor", sent).status == 401


@pytest.fixture
def read() -> Iterator[list[str]]:
    """The tables about people that SQLite is asked about, as it tells itself."""
    told: list[str] = []

    def look(statement: str) -> None:
        told.extend(re.findall(r"\bFROM\s+(?!log)(\w+)", statement) if statement.startswith("SELECT") else ())

    def listen(connection: Any, _record: object) -> None:
        connection.set_trace_callback(look)

    event.listen(sa.Engine, "connect", listen)
    yield told
    event.remove(sa.Engine, "connect", listen)


def test_what_is_shown_costs_three_reads(
    sqlite_template: Path, tmp_path: Path, clock: Clock, settings: Settings, loop: Loop, read: list[str]
) -> None:
    with Auth.open(sqlite_url(sqlite_template, tmp_path, rollback=False), clock=clock, settings=settings) as auth:
        app = App(auth, auth.users.create(EMAIL, PASSWORD, account_id=ACCOUNT).id, clock)
        browser = Browser("wsgi", auth, loop)
        challenged(browser)
        read.clear()
        page = browser.get(FACTOR)
        assert len(read) == 3, read
        assert answer_with(browser, page, "totp", app.next()).status == 200


def test_what_a_page_shows_that_asks_for_a_first_factor_costs_three_reads_and_changes_nothing(
    sqlite_template: Path, tmp_path: Path, clock: Clock, settings: Settings, loop: Loop, read: list[str]
) -> None:
    with Auth.open(sqlite_url(sqlite_template, tmp_path, rollback=False), clock=clock, settings=settings) as auth:
        auth.users.create(EMAIL, PASSWORD, account_id=ACCOUNT)
        auth.accounts.require_mfa(ACCOUNT, grace=timedelta(0))
        browser = Browser("wsgi", auth, loop)
        challenged(browser)
        auth.log.flush()
        glance: Any = getattr(auth.world.store, "glance")  # noqa: B009 - not every store has one
        before = glance()
        read.clear()
        assert browser.get("/sign-in/add-factor").status == 200
        assert len(read) == 3, read
        assert glance() == before


def test_without_a_challenge_there_is_nothing_to_answer(browser: Browser) -> None:
    assert browser.get(FACTOR).path == "/sign-in"
    assert browser.get("/sign-in/add-factor").path == "/sign-in"
    assert browser.post("/sign-in/add-factor/begin").path == "/sign-in"
    assert browser.post(FACTOR, {"totp": "123456"}).path == "/sign-in"
