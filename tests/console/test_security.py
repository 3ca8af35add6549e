"""Security in the Console: address and password, an authenticator app, recovery codes, passkeys, sessions."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from pyotp.totp import TOTP

from plexe_auth.model.cookie import NAME
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.console.browser import ORIGIN, Answer, Browser
from tests.console.conftest import EMAIL, PASSWORD, signed_in
from tests.people.authenticator import Authenticator

CODE = re.compile(r"<li><code>([^<]+)</code></li>")
ANOTHER = "another long and lovely word"


def app_of(page: Answer, clock: Clock) -> TOTP:
    secret = re.search(r'id="secret" data-secret>([A-Z2-7 ]+)<', page.text)
    assert secret is not None
    return TOTP(secret[1].replace(" ", ""))


def with_app(ada: Browser, clock: Clock) -> tuple[TOTP, Answer]:
    page = ada.submit(ada.get("/security/two-step"), "/security/two-step/app")
    app = app_of(page, clock)
    return app, ada.submit(page, "/confirm", code=app.at(clock.now))


def passkey_of(ada: Browser, device: Authenticator, name: str = "Phone") -> Answer:
    begun = json.loads(ada.post("/security/passkeys/begin").body)
    made = json.dumps(device.create(begun["options"], ORIGIN))
    return ada.post("/security/passkeys", {"enrolment": begun["id"], "response": made, "name": name})


def test_a_password_is_changed_and_other_sessions_end(ada: Browser, browser: Browser, auth: Any) -> None:
    other = signed_in(browser.another())
    page = ada.submit(ada.get("/security"), "/security/password", old=PASSWORD, new=ANOTHER)
    assert "Your password was changed" in page.words
    assert ada.get("/keys").path == "/keys"
    assert other.get("/keys").path == "/sign-in"
    assert signed_in(browser.another(), password=ANOTHER).get("/keys").path == "/keys"


@pytest.mark.parametrize(("old", "new", "status"), [(ANOTHER, ANOTHER, 401), (PASSWORD, "short", 422)])
def test_a_password_is_not_changed_by_who_does_not_know_it_or_to_a_bad_one(
    ada: Browser, auth: Any, old: str, new: str, status: int
) -> None:
    answer = ada.submit(ada.get("/security"), "/security/password", old=old, new=new)
    assert answer.status == status
    assert old not in answer.text
    assert auth.sign_in.with_password(EMAIL, PASSWORD)


def test_a_page_that_is_open_is_no_place_to_guess_the_password(ada: Browser) -> None:
    tried = [ada.submit(ada.get("/security"), "/security/password", old=ANOTHER, new=ANOTHER) for _ in range(21)]
    assert [page.status for page in tried] == [401] * 20 + [429]
    assert 0 < int(tried[-1].header("retry-after") or 0) <= 3600


def test_an_address_is_changed_by_a_letter(ada: Browser, auth: Any, owner: Any, mailbox: Mailbox) -> None:
    ada.submit(ada.get("/security"), "/security/email", new="ada@example.org")
    assert auth.users.get(owner.id).email == EMAIL
    assert mailbox.last().to == "ada@example.org"
    auth.users.verify_email(mailbox.token())
    assert auth.users.get(owner.id).email == "ada@example.org"


def test_an_app_is_added_by_its_picture_and_a_code(ada: Browser, browser: Browser, clock: Clock) -> None:
    app, codes = with_app(ada, clock)
    assert len(CODE.findall(codes.text)) == 10
    assert codes.header("cache-control") == "no-store"
    clock.advance(timedelta(minutes=1))
    other = browser.another()
    asked = other.submit(other.get("/sign-in"), "/sign-in", email=EMAIL, password=PASSWORD)
    assert asked.path == "/sign-in/second-factor"
    assert other.post("/sign-in/second-factor", {"totp": app.at(clock.now)}).path == "/keys"


def test_a_confirmation_that_is_sent_again_shows_no_codes(ada: Browser, clock: Clock) -> None:
    page = ada.submit(ada.get("/security/two-step"), "/security/two-step/app")
    app = app_of(page, clock)
    wrong = ada.submit(page, "/confirm", code="000000")
    assert wrong.status == 401
    assert CODE.findall(ada.submit(wrong, "/confirm", code=app.at(clock.now)).text)
    again = ada.submit(page, "/confirm", code=app.at(clock.now))
    assert again.status in (401, 404)
    assert not CODE.findall(again.text)


def test_recovery_codes_are_renewed_once_by_one_page(ada: Browser, auth: Any, owner: Any, clock: Clock) -> None:
    with_app(ada, clock)
    page = ada.get("/security/two-step")
    first = CODE.findall(ada.submit(page, "/recovery-codes").text)
    again = ada.submit(page, "/recovery-codes")
    assert len(first) == 10
    assert again.status == 409
    assert not CODE.findall(again.text)
    clock.advance(timedelta(minutes=1))
    challenge = auth.sign_in.with_password(EMAIL, PASSWORD)
    assert auth.sign_in.answer(challenge.token.reveal(), "recovery", first[0]).user.id == owner.id


def test_the_app_is_removed(ada: Browser, auth: Any, owner: Any, clock: Clock) -> None:
    with_app(ada, clock)
    assert "off" in ada.submit(ada.get("/security/two-step"), "/remove").words
    assert auth.mfa.methods(owner.id) == ()


def test_a_passkey_is_added_named_used_and_removed(ada: Browser, browser: Browser, auth: Any, owner: Any) -> None:
    device = Authenticator()
    codes = passkey_of(ada, device)
    assert len(CODE.findall(codes.text)) == 10
    page = ada.get("/security/passkeys")
    [passkey] = auth.mfa.passkeys(owner.id)
    assert passkey.name == "Phone"
    page = ada.submit(page, "/rename", name="<script>\u202ekey")
    assert "<script>" not in page.text.partition("<main")[2]
    assert "\u202e" not in page.text
    assert "There are none yet" in ada.submit(ada.get("/security/passkeys"), "/remove").words


def test_a_passkey_proves_who_somebody_is(ada: Browser, clock: Clock) -> None:
    device = Authenticator()
    passkey_of(ada, device)
    clock.advance(timedelta(minutes=11))
    page = ada.get("/security/sessions")
    assert page.path == "/confirm"
    asked = json.loads(ada.post("/confirm/passkey").body)["options"]
    response = json.dumps(device.get(asked, ORIGIN))
    proven = ada.post("/confirm", {"method": "passkey", "response": response, "next": "/console/security/sessions"})
    assert proven.path == "/security/sessions"


def test_S15_another_ones_password_is_no_proof(ada: Browser, auth: Any, clock: Clock) -> None:
    auth.users.create("eve@example.com", ANOTHER, account_id="acct_1", role="owner")
    clock.advance(timedelta(minutes=11))
    before = ada.cookies[NAME]
    answer = ada.submit(ada.get("/security"), "/confirm", password=ANOTHER)
    assert answer.status == 401
    assert ada.cookies[NAME] == before
    assert ada.get("/security").path == "/confirm"


def test_S01_a_proof_gives_another_session_and_ends_the_old_one(ada: Browser, auth: Any, clock: Clock) -> None:
    clock.advance(timedelta(minutes=11))
    old = ada.cookies[NAME]
    ada.submit(ada.get("/security"), "/confirm", password=PASSWORD)
    assert ada.cookies[NAME] != old
    with pytest.raises(Exception, match="session"):
        auth.sessions.verify(old)


def test_S16_others_are_signed_out_and_a_session_of_somebody_else_is_none(
    ada: Browser, browser: Browser, auth: Any, owner: Any
) -> None:
    other, third = signed_in(browser.another()), signed_in(browser.another())
    eve = auth.users.create("eve@example.com", ANOTHER, account_id="acct_2")
    theirs = auth.sign_in.with_password("eve@example.com", ANOTHER).session.id
    answers = [ada.post(f"/security/sessions/{one}/end") for one in (theirs, "ses_unknown")]
    assert {(one.status, one.words) for one in answers} == {(404, answers[0].words)}
    page = ada.get("/security/sessions")
    assert ada.cookies[NAME] not in page.text
    [one, _two] = [one for one in page.forms() if one.action.endswith("/end")]
    ada.post(one.action.removeprefix("/console"))
    assert sorted([other.get("/keys").path, third.get("/keys").path]) == ["/keys", "/sign-in"]
    ada.submit(ada.get("/security/sessions"), "/end-others")
    assert [other.get("/keys").path, third.get("/keys").path] == ["/sign-in", "/sign-in"]
    assert ada.get("/keys").path == "/keys"
    assert [one.id for one in auth.sessions.page(eve.id).items] == [theirs]


def test_without_mail_it_is_said_that_none_can_be_sent(
    kind: str, opened: Any, loop: Any, clock: Clock, settings: Any
) -> None:
    auth = opened("blocking" if kind == "wsgi" else "async", "memory://", clock=clock, settings=settings)
    auth.users.create(EMAIL, PASSWORD, account_id="acct_1", role="owner")
    ada = signed_in(Browser(kind, auth, loop))
    for page, action, typed in (
        ("/security", "/security/email", {"new": "ada@example.org"}),
        ("/members/invitations", "/members/invite", {"email": "grace@example.com"}),
    ):
        answer = ada.submit(ada.get(page), action, **typed)
        assert (answer.status, "This cannot be done here" in answer.words) == (409, True)
    nobody = ada.another()
    for email in (EMAIL, "unknown@example.com"):
        for action, typed in (
            ("/sign-up", {"email": email, "password": PASSWORD}),
            ("/forgot-password", {"email": email}),
        ):
            answer = nobody.submit(nobody.get(action), action, **typed)
            assert (answer.status, "This cannot be done here" in answer.words) == (409, True)


def test_a_session_that_needs_a_second_factor_leads_to_signing_in(ada: Browser, auth: Any) -> None:
    auth.accounts.require_mfa("acct_1", grace=timedelta(0))
    assert ada.get("/keys").path == "/sign-in"
