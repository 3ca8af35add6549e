"""Where an account demands a second factor, nobody gets or keeps a session by one alone once the grace is over."""

from datetime import timedelta
from typing import Any

import pyotp
import pytest

from plexe_auth import (
    AccountSuspended,
    Challenge,
    InvalidCredentials,
    InvalidRequest,
    MFARequired,
    NotFound,
    SignedIn,
)
from plexe_auth.model.budget import FACTORS
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.people.conftest import HOME, PASSWORD, done
from tests.people.test_by_passkey import Device
from tests.people.test_mfa import STEP, App, answered, challenge, mailed, outcome

GRACE = timedelta(days=7)
NOW = timedelta(0)

on_memory = pytest.mark.parametrize("store_url", ["memory"], indirect=True)  # what no store changes


def shown(begun: Any, clock: Clock) -> str:
    return pyotp.parse_uri(begun.uri).at(clock.now)  # type: ignore[attr-defined]


def sign_in(auth: Any, user: Any) -> Any:
    return auth.sign_in.with_password(user.email, PASSWORD, HOME)


def test_a_session_of_one_factor_is_good_until_the_grace_is_over_and_not_after(
    auth: Any, ada: Any, clock: Clock
) -> None:
    before = sign_in(auth, ada)
    account = auth.accounts.require_mfa(ada.account_id, grace=timedelta(minutes=10))
    assert account.mfa_required_at == clock.now + timedelta(minutes=10)
    assert auth.accounts.get(ada.account_id) == account
    result = sign_in(auth, ada)
    assert isinstance(result, SignedIn)
    assert result.mfa_due_at == account.mfa_required_at
    clock.advance(timedelta(minutes=10) - timedelta(microseconds=1))
    for one in (before, result):
        assert auth.sessions.verify(one.token.reveal())
    clock.advance(timedelta(microseconds=1))
    for one in (before, result):
        with pytest.raises(MFARequired):
            auth.sessions.verify(one.token.reveal())
        with pytest.raises(MFARequired):
            auth.sign_in.reauthenticate(one.token.reveal(), PASSWORD)
    assert isinstance(sign_in(auth, ada), Challenge)


def test_a_remembered_session_of_one_factor_ends_at_once_where_there_is_no_grace(auth: Any, ada: Any) -> None:
    result = sign_in(auth, ada)
    assert all(auth.sessions.verify(result.token.reveal()) for _ in range(3))
    auth.accounts.require_mfa(ada.account_id, grace=NOW)
    with pytest.raises(MFARequired):
        auth.sessions.verify(result.token.reveal())
    auth.accounts.waive_mfa(ada.account_id)
    assert auth.sessions.verify(result.token.reveal())


def test_whoever_has_no_factor_adds_one_while_they_sign_in(auth: Any, ada: Any, clock: Clock, mailbox: Mailbox) -> None:
    auth.accounts.require_mfa(ada.account_id, grace=NOW)
    asked = challenge(auth, ada.email)
    assert (asked.methods, asked.must_enrol) == ((), True)
    begun = auth.sign_in.begin_totp(asked.token.reveal())
    with pytest.raises(InvalidCredentials):
        auth.sign_in.confirm_totp(asked.token.reveal(), begun.id, "000000", HOME)
    result = auth.sign_in.confirm_totp(asked.token.reveal(), begun.id, shown(begun, clock), HOME)
    assert (result.session.methods, len(result.recovery_codes)) == (("password", "totp"), 10)
    assert auth.sessions.verify(result.token.reveal()).user_id == ada.id
    assert auth.mfa.methods(ada.id) == ("totp", "recovery")
    assert "an authenticator app was added" in mailbox.last().text
    again = challenge(auth, ada.email)
    assert answered(auth, again, "totp", shown(begun, clock)) == "invalid_credentials", "it was used up"
    clock.advance(STEP)
    assert answered(auth, again, "totp", shown(begun, clock)) == "done"


def test_whoever_adds_a_factor_while_they_sign_in_is_another_state_of_a_person(
    auth: Any, ada: Any, clock: Clock
) -> None:
    def version() -> int:
        return int(done(auth, auth.world.store.get("users", "id", ada.id))["version"])

    auth.accounts.require_mfa(ada.account_id, grace=NOW)
    asked, before = challenge(auth, ada.email), version()
    begun = auth.sign_in.begin_totp(asked.token.reveal())
    assert version() == before
    auth.sign_in.confirm_totp(asked.token.reveal(), begun.id, shown(begun, clock), HOME)
    assert version() == before + 1


@on_memory
def test_M04_a_challenge_that_can_be_answered_adds_nothing(auth: Any, ada: Any, clock: Clock, mailbox: Mailbox) -> None:
    auth.accounts.require_mfa(ada.account_id, grace=NOW)
    waiting = challenge(auth, ada.email)
    begun = auth.sign_in.begin_totp(waiting.token.reveal())
    app = App(auth, ada.id, clock)
    assert outcome(auth.sign_in.begin_totp, waiting.token.reveal()) == "invalid_credentials"
    asked = challenge(auth, ada.email)
    assert not asked.must_enrol
    for token in (waiting.token.reveal(), asked.token.reveal(), "", None, [], "plx_challenge_…"):
        assert outcome(auth.sign_in.begin_totp, token) == "invalid_credentials"
        assert outcome(auth.sign_in.confirm_totp, token, begun.id, shown(begun, clock)) == "invalid_credentials"
    assert answered(auth, asked, "totp", app.next()) == "done"


@on_memory
def test_M02_adding_a_factor_is_no_other_budget(auth: Any, ada: Any, clock: Clock) -> None:
    auth.accounts.require_mfa(ada.account_id, grace=NOW)
    asked = challenge(auth, ada.email)
    begun = auth.sign_in.begin_totp(asked.token.reveal())
    call = auth.sign_in.confirm_totp
    found = [outcome(call, asked.token.reveal(), begun.id, "000000") for _ in range(FACTORS.limit)]
    assert set(found) == {"invalid_credentials"}
    assert outcome(call, asked.token.reveal(), begun.id, shown(begun, clock)) == "rate_limit_exceeded"


@on_memory
def test_M05_what_one_has_begun_to_add_is_not_confirmed_by_another(auth: Any, ada: Any, clock: Clock) -> None:
    grace = auth.users.create("grace@example.com", PASSWORD, account_id=ada.account_id)
    auth.accounts.require_mfa(ada.account_id, grace=NOW)
    hers, his = challenge(auth, ada.email), challenge(auth, grace.email)
    begun = auth.sign_in.begin_totp(hers.token.reveal())
    for enrolment in (begun.id, "fct_unknown", "", None, []):
        with pytest.raises(NotFound):
            auth.sign_in.confirm_totp(his.token.reveal(), enrolment, shown(begun, clock))
    assert auth.mfa.methods(grace.id) == ()
    clock.advance(timedelta(minutes=10))
    assert (
        outcome(auth.sign_in.confirm_totp, hers.token.reveal(), begun.id, shown(begun, clock)) == "invalid_credentials"
    )


@on_memory
def test_M05_of_two_who_confirm_by_two_challenges_one_is_let_in(auth: Any, ada: Any, clock: Clock) -> None:
    auth.accounts.require_mfa(ada.account_id, grace=NOW)
    one, two = challenge(auth, ada.email), challenge(auth, ada.email)
    begun = auth.sign_in.begin_totp(one.token.reveal())
    result = auth.sign_in.confirm_totp(one.token.reveal(), begun.id, shown(begun, clock))
    assert outcome(auth.sign_in.begin_totp, two.token.reveal()) == "invalid_credentials"
    assert answered(auth, two, "recovery", result.recovery_codes[0]) == "invalid_credentials"
    assert len(auth.sessions.page(ada.id).items) == 1


@on_memory
def test_a_proven_mailbox_is_a_second_factor_where_codes_by_mail_are_allowed(
    auth: Any, ada: Any, mailbox: Mailbox
) -> None:
    auth.users.request_verification(ada.id)
    auth.users.verify_email(mailbox.token())
    auth.accounts.require_mfa(ada.account_id, grace=NOW)
    asked = challenge(auth, ada.email)
    assert asked.methods == ("email",)
    auth.sign_in.send_code(asked.token.reveal())
    result = auth.sign_in.answer(asked.token.reveal(), "email", mailed(mailbox), HOME)
    assert auth.sessions.verify(result.token.reveal()).methods == ("password", "email")
    auth.users.request_reset(ada.email)
    again = auth.users.reset(mailbox.token(), "another long lovely word", HOME)
    assert again.must_enrol, "a mailbox is one thing, however often it is shown"


@on_memory
def test_M03_a_passkey_alone_is_one_factor_where_two_are_demanded(auth: Any, ada: Any) -> None:
    device = Device(auth, ada.id)
    auth.accounts.require_mfa(ada.account_id, grace=NOW)
    asked = device.signs_in()
    assert asked.methods == ("recovery",)
    asked = challenge(auth, ada.email)
    token, response = device.asked(asked.token.reveal())
    result = auth.sign_in.answer(token, "passkey", response, HOME)
    assert auth.sessions.verify(result.token.reveal()).methods == ("password", "passkey")


@on_memory
def test_suspension_comes_first_and_keys_are_not_touched(auth: Any, ada: Any, clock: Clock) -> None:
    secret = auth.keys.create(ada.account_id, name="CI").secret.reveal()
    result = sign_in(auth, ada)
    auth.accounts.require_mfa(ada.account_id, grace=NOW)
    assert auth.keys.verify(secret).account_id == ada.account_id
    waiting = challenge(auth, ada.email)
    begun = auth.sign_in.begin_totp(waiting.token.reveal())
    suspended = auth.accounts.suspend(ada.account_id)
    assert (suspended.status, suspended.mfa_required_at is None) == ("suspended", False)
    for call in (
        lambda: auth.sessions.verify(result.token.reveal()),
        lambda: sign_in(auth, ada),
        lambda: auth.sign_in.begin_totp(waiting.token.reveal()),
        lambda: auth.sign_in.answer(waiting.token.reveal(), "totp", "000000"),
        lambda: auth.sign_in.confirm_totp(waiting.token.reveal(), begun.id, shown(begun, clock)),
    ):
        with pytest.raises(AccountSuspended):
            call()
    assert auth.accounts.resume(ada.account_id).mfa_required_at is not None


@on_memory
def test_S15_a_session_that_lacks_a_factor_manages_no_keys(auth: Any, ada: Any) -> None:
    principal = auth.sessions.verify(sign_in(auth, ada).token.reveal())
    auth.accounts.require_mfa(ada.account_id, grace=NOW)
    with pytest.raises(MFARequired):
        auth.keys.create(ada.account_id, name="CI", by=principal)


@on_memory
@pytest.mark.parametrize("grace", [None, 7, "PT1H", timedelta(seconds=-1), timedelta(days=367), True])
def test_a_grace_is_a_span_of_up_to_a_year(auth: Any, grace: Any) -> None:
    with pytest.raises(InvalidRequest):
        auth.accounts.require_mfa("acct_42", grace=grace)
    for odd in (None, "", 7, "\0"):
        with pytest.raises(InvalidRequest):
            auth.accounts.require_mfa(odd)
        with pytest.raises(InvalidRequest):
            auth.accounts.waive_mfa(odd)
    assert auth.accounts.get("acct_42").mfa_required_at is None


@on_memory
def test_it_is_told_in_the_access_log(auth: Any) -> None:
    auth.accounts.require_mfa("acct_42")
    auth.accounts.waive_mfa("acct_42")
    assert [one.action for one in auth.log.page("acct_42")] == ["account.waive_mfa", "account.require_mfa"]
