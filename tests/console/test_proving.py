"""Before what is sensitive, people prove who they are: until then nothing happens, and only their own proof counts."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import Client
from plexe_auth.console.device import device as in_words
from plexe_auth.console.routes import PAGES
from plexe_auth.console.visit import Page
from plexe_auth.model.cookie import NAME
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.console.browser import ORIGIN, Browser
from tests.console.conftest import ACCOUNT, PASSWORD, signed_in
from tests.console.test_security import CODE, passkey_of, with_app
from tests.people.authenticator import Authenticator

LATE = timedelta(minutes=11)
CHANGES = [one for one in PAGES.all if one.path.startswith("/security") and one.method == "POST"]
HOSTILE = "<script>alert(1)</script>\u202egnp.exe\u200b"


def state(auth: Any, user_id: str) -> tuple[Any, ...]:
    """All that Security can change of somebody."""
    told = (auth.users.get(user_id), auth.mfa.methods(user_id), auth.mfa.passkeys(user_id))
    live = [one.id for one in auth.sessions.page(user_id).items]
    return (*told, auth.oauth.identities(user_id), live)


def another_session(auth: Any, device: Authenticator) -> str:
    """Another session of whoever has that passkey."""
    begun = auth.sign_in.begin_passkey()
    response = device.get(json.loads(json.dumps(begun.options)), ORIGIN)
    return auth.sign_in.with_passkey(begun.token.reveal(), response).session.id


def test_there_are_changes_to_look_at() -> None:
    assert len(CHANGES) >= 12


@pytest.mark.parametrize("page", CHANGES, ids=lambda page: page.path)
def test_S15_on_a_stale_proof_nothing_is_changed(
    ada: Browser, auth: Any, owner: Any, clock: Clock, mailbox: Mailbox, page: Page
) -> None:
    device = Authenticator()
    passkey_of(ada, device)
    other = another_session(auth, device)
    [passkey] = auth.mfa.passkeys(owner.id)
    clock.advance(LATE)
    before, letters = state(auth, owner.id), len(mailbox.all)
    path = page.path.replace("{id}", other if "sessions" in page.path else passkey.id)
    typed = {"old": PASSWORD, "new": "another long and lovely word", "name": "x", "version": "1"}
    answer = ada.post(path, typed)
    assert answer.path == "/confirm"
    assert "data-secret" not in answer.text
    assert (state(auth, owner.id), len(mailbox.all)) == (before, letters)


def test_a_recovery_code_is_a_proof_and_good_once(ada: Browser, browser: Browser, clock: Clock) -> None:
    _app, codes = with_app(ada, clock)
    code = CODE.findall(codes.text)[0]
    clock.advance(LATE)
    page = ada.get("/security/two-step")
    recovery = {"method": "recovery", "response": code, "next": "/console/security/two-step"}
    assert "Recovery code" in page.words
    assert ada.post("/confirm", recovery).path == "/security/two-step"
    clock.advance(LATE)
    assert ada.post("/confirm", recovery).status == 401
    assert ada.get("/security/two-step").path == "/confirm"


def test_who_has_no_second_factor_is_asked_for_no_code(ada: Browser, clock: Clock) -> None:
    clock.advance(LATE)
    assert "code" not in ada.get("/security").words


def test_S15_another_ones_code_is_no_proof(ada: Browser, browser: Browser, auth: Any, clock: Clock) -> None:
    with_app(ada, clock)
    auth.users.create("eve@example.com", PASSWORD, account_id=ACCOUNT, role="owner")
    eve = signed_in(browser.another(), "eve@example.com")
    app, codes = with_app(eve, clock)
    clock.advance(LATE)
    before = ada.cookies[NAME]
    for method, response in (("totp", app.at(clock.now)), ("recovery", CODE.findall(codes.text)[0])):
        answer = ada.post("/confirm", {"method": method, "response": response})
        assert answer.status == 401
    assert ada.cookies[NAME] == before
    assert ada.get("/security").path == "/confirm"


def test_S16_a_passkey_and_an_app_of_somebody_else_are_the_same_as_none(
    ada: Browser, browser: Browser, auth: Any, owner: Any, clock: Clock
) -> None:
    passkey_of(ada, Authenticator())
    [passkey] = auth.mfa.passkeys(owner.id)
    begun = auth.mfa.begin_totp(owner.id)
    auth.users.create("eve@example.com", PASSWORD, account_id=ACCOUNT, role="owner")
    eve = signed_in(browser.another(), "eve@example.com")
    for verb, typed in (("rename", {"name": "mine"}), ("remove", {})):
        answers = [eve.post(f"/security/passkeys/{one}/{verb}", typed) for one in (passkey.id, "pky_unknown")]
        assert {(one.status, one.words) for one in answers} == {(404, answers[0].words)}
    for one in (begun.id, "fct_unknown"):
        assert eve.post("/security/two-step/confirm", {"enrolment": one, "code": "000000"}).status == 404
    assert auth.mfa.passkeys(owner.id) == (passkey,)


@pytest.mark.parametrize("factor", ["app", "passkey"])
def test_S16_other_sessions_end_with_a_change_of_factors_and_this_one_goes_on(
    ada: Browser, browser: Browser, clock: Clock, factor: str
) -> None:
    other = signed_in(browser.another())
    if factor == "app":
        with_app(ada, clock)
    else:
        passkey_of(ada, Authenticator())
    assert (other.get("/keys").path, ada.get("/keys").path) == ("/sign-in", "/keys")


@pytest.mark.parametrize("name", ["\u202ekey", "\u200b", "a\u200bb", ""])
def test_S18_a_passkey_is_not_called_by_what_hides_or_turns_a_text(
    ada: Browser, auth: Any, owner: Any, name: str
) -> None:
    passkey_of(ada, Authenticator())
    answer = ada.submit(ada.get("/security/passkeys"), "/rename", name=name)
    assert answer.status == 422
    assert name.strip() == "" or name not in answer.text
    assert auth.mfa.passkeys(owner.id)[0].name == "Phone"


def test_S18_markup_in_a_name_or_a_user_agent_is_text(ada: Browser, auth: Any) -> None:
    auth.sign_in.with_password("ada@example.com", PASSWORD, Client("192.0.2.7", HOSTILE))
    sessions = ada.get("/security/sessions")
    passkey_of(ada, Authenticator(), "<script>alert(1)</script>")
    for page in (sessions, ada.get("/security/passkeys")):
        assert "&lt;script&gt;alert(1)" in page.text
        assert "<script>" not in page.text
        assert not set(page.text) & {"\u202e", "\u200b"}


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on macOS"),
        ("curl/8.0", "curl/8.0"),
        ("x" * 500, "x" * 80),
        ("", "unknown device"),
        (None, "unknown device"),
    ],
)
def test_a_device_is_told_in_plain_words(user_agent: str | None, told: str) -> None:
    assert in_words(user_agent) == told


def test_without_secret_keys_it_is_said_that_no_app_can_be_used(
    kind: str, opened: Any, loop: Any, clock: Clock, settings: Any
) -> None:
    bare = replace(settings, secret_keys=())
    auth = opened("blocking" if kind == "wsgi" else "async", "memory://", clock=clock, settings=bare)
    auth.users.create("ada@example.com", PASSWORD, account_id=ACCOUNT, role="owner")
    ada = signed_in(Browser(kind, auth, loop))
    answer = ada.submit(ada.get("/security/two-step"), "/security/two-step/app")
    assert (answer.status, "This cannot be done here" in answer.words) == (409, True)
