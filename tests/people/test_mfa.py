"""With a second factor nobody gets a session by one alone, each answer is good once, and all share one budget."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from plexe_auth import (
    Auth,
    Challenge,
    ConfigurationError,
    Conflict,
    InvalidCredentials,
    InvalidKey,
    InvalidRequest,
    InvalidSession,
    NotFound,
    RateLimitExceeded,
    Settings,
    SignedIn,
)
from plexe_auth.model.budget import FACTORS
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.people.conftest import HOME, PASSWORD

OTHER = "another long lovely word"
STEP = timedelta(seconds=30)


class App:
    """An authenticator app that has read the picture."""

    def __init__(self, auth: Any, user_id: str, clock: Clock) -> None:
        self._clock = clock
        begun = auth.mfa.begin_totp(user_id)
        self._totp = pyotp.parse_uri(begun.uri)
        self.codes = [one.reveal() for one in auth.mfa.confirm_totp(user_id, begun.id, self.shown())]

    def shown(self) -> str:
        return self._totp.at(self._clock.now)  # type: ignore[attr-defined]

    def next(self) -> str:
        """What it shows when the next half minute has begun."""
        self._clock.advance(STEP)
        return self.shown()


@pytest.fixture
def app(auth: Any, ada: Any, clock: Clock) -> App:
    return App(auth, ada.id, clock)


def challenge(auth: Any, email: str) -> Challenge:
    result = auth.sign_in.with_password(email, PASSWORD, HOME)
    assert isinstance(result, Challenge)
    return result


def outcome(call: Any, *arguments: Any, **more: Any) -> str:
    try:
        call(*arguments, **more)
    except (InvalidCredentials, RateLimitExceeded) as error:
        return error.code
    return "done"


def answered(auth: Any, asked: Challenge, method: str, response: Any) -> str:
    return outcome(auth.sign_in.answer, asked.token.reveal(), method=method, response=response, client=HOME)


def test_M04_an_app_that_was_not_confirmed_changes_nothing(auth: Any, ada: Any, clock: Clock) -> None:
    begun = auth.mfa.begin_totp(ada.id)
    assert begun.uri.startswith("otpauth://totp/Example:Ada%40example.com?secret=")
    assert begun.secret.reveal() in begun.uri
    assert begun.svg.lstrip().startswith("<svg") or "<svg" in begun.svg
    assert not any(begun.secret.reveal() in text for text in (repr(begun), str(begun)))
    assert isinstance(auth.sign_in.with_password(ada.email, PASSWORD, HOME), SignedIn)
    assert outcome(auth.mfa.confirm_totp, ada.id, begun.id, "000000") == "invalid_credentials"
    later = auth.mfa.begin_totp(ada.id)
    with pytest.raises(NotFound):
        auth.mfa.confirm_totp(ada.id, begun.id, pyotp.parse_uri(begun.uri).at(clock.now))  # type: ignore[attr-defined]
    assert len(auth.mfa.confirm_totp(ada.id, later.id, pyotp.parse_uri(later.uri).at(clock.now))) == 10  # type: ignore[attr-defined]
    assert auth.mfa.methods(ada.id) == ("totp", "recovery")


def test_a_password_alone_then_gives_a_challenge_and_the_factor_a_session(auth: Any, ada: Any, app: App) -> None:
    asked = challenge(auth, ada.email)
    assert asked.methods == ("totp", "recovery")
    result = auth.sign_in.answer(asked.token.reveal(), method="totp", response=app.next(), client=HOME)
    assert result.session.methods == ("password", "totp")
    principal = auth.sessions.verify(result.token.reveal())
    assert (principal.user_id, principal.methods) == (ada.id, ("password", "totp"))


def test_S07_a_challenge_opens_nothing_but_its_answer(auth: Any, ada: Any, app: App) -> None:
    token = challenge(auth, ada.email).token.reveal()
    for call, refused in (
        (auth.sessions.verify, InvalidSession),
        (auth.keys.verify, InvalidKey),
        (auth.users.verify_email, InvalidCredentials),
        (lambda text: auth.users.reset(text, OTHER), InvalidCredentials),
        (lambda text: auth.sign_in.reauthenticate(text, PASSWORD), InvalidSession),
    ):
        with pytest.raises(refused):
            call(token)
    assert auth.sessions.page(ada.id).items == ()


def test_M01_a_code_is_good_once_and_no_older_one_after_it(auth: Any, ada: Any, app: App, clock: Clock) -> None:
    one, two, code = challenge(auth, ada.email), challenge(auth, ada.email), app.next()
    assert answered(auth, one, "totp", code) == "done"
    assert answered(auth, two, "totp", code) == "invalid_credentials"
    clock.advance(-STEP)
    assert answered(auth, two, "totp", app.shown()) == "invalid_credentials"
    assert outcome(auth.sign_in.with_password, ada.email, PASSWORD, HOME) == "done"


def test_M01_the_code_that_confirmed_an_app_does_not_sign_in(auth: Any, ada: Any, app: App) -> None:
    assert answered(auth, challenge(auth, ada.email), "totp", app.shown()) == "invalid_credentials"


def test_M01_of_many_who_send_one_code_at_once_one_is_let_in(auth: Any, ada: Any, app: App) -> None:
    many, code = [challenge(auth, ada.email) for _ in range(8)], app.next()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda asked: answered(auth, asked, "totp", code), many))
    assert found.count("done") == 1
    assert len(auth.sessions.page(ada.id).items) == 1


def test_M05_a_challenge_gives_one_session_and_is_soon_over(auth: Any, ada: Any, app: App, clock: Clock) -> None:
    asked = challenge(auth, ada.email)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda code: answered(auth, asked, "recovery", code), app.codes[:4]))
    assert found.count("done") == 1
    late = challenge(auth, ada.email)
    clock.advance(timedelta(minutes=10))
    assert answered(auth, late, "recovery", app.codes[5]) == "invalid_credentials"


def test_M05_a_challenge_of_one_is_not_answered_by_another(auth: Any, ada: Any, app: App, clock: Clock) -> None:
    grace = auth.users.create("grace@example.com", PASSWORD)
    other = App(auth, grace.id, clock)
    asked = challenge(auth, ada.email)
    assert answered(auth, asked, "totp", other.next()) == "invalid_credentials"
    assert answered(auth, asked, "recovery", other.codes[0]) == "invalid_credentials"


def test_M02_no_new_challenge_nor_other_factor_gives_another_budget(auth: Any, ada: Any, app: App) -> None:
    found = []
    for number in range(FACTORS.limit + 2):
        method, wrong = (("totp", "000000"), ("recovery", "0000-0000"), ("email", "00000000"))[number % 3]
        found.append(answered(auth, challenge(auth, ada.email), method, wrong))
    # One was spent on confirming the app.
    assert found == ["invalid_credentials"] * (FACTORS.limit - 1) + ["rate_limit_exceeded"] * 3
    assert answered(auth, challenge(auth, ada.email), "totp", app.next()) == "rate_limit_exceeded"


def test_M07_a_recovery_code_is_good_once_in_any_spelling(auth: Any, ada: Any, app: App) -> None:
    spelled = f" {app.codes[0].replace('-', ' ').lower()} "
    assert answered(auth, challenge(auth, ada.email), "recovery", spelled) == "done"
    assert answered(auth, challenge(auth, ada.email), "recovery", app.codes[0]) == "invalid_credentials"


def test_M07_of_many_who_spend_one_recovery_code_at_once_one_is_let_in(auth: Any, ada: Any, app: App) -> None:
    many = [challenge(auth, ada.email) for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda asked: answered(auth, asked, "recovery", app.codes[0]), many))
    assert found.count("done") == 1


def test_M07_renewing_the_recovery_codes_voids_the_old(auth: Any, ada: Any, app: App) -> None:
    new = auth.mfa.renew_recovery_codes(ada.id)
    assert answered(auth, challenge(auth, ada.email), "recovery", app.codes[0]) == "invalid_credentials"
    assert answered(auth, challenge(auth, ada.email), "recovery", new[0]) == "done"


def test_recovery_codes_stand_in_for_a_factor_and_for_nothing_else(auth: Any, ada: Any) -> None:
    with pytest.raises(Conflict):
        auth.mfa.renew_recovery_codes(ada.id)


@pytest.mark.parametrize(
    "odd", [None, "", 0, 123456, [], {}, "١٢٣٤٥٦", " 000000", "0000000", b"000000", "\0", "x" * 10_000]
)
def test_M11_what_is_no_code_is_wrong(auth: Any, ada: Any, app: App, odd: Any) -> None:
    asked = challenge(auth, ada.email)
    for method in ("totp", "recovery", "email"):
        assert answered(auth, asked, method, odd) == "invalid_credentials"
    for method in (None, "password", []):
        assert outcome(auth.sign_in.answer, asked.token.reveal(), method, app.codes[0]) == "invalid_credentials"
    assert answered(auth, asked, "recovery", app.codes[0]) == "done"


@pytest.fixture
def proven(auth: Any, ada: Any, app: App, mailbox: Mailbox) -> Any:
    """Ada, whose address is proven, so that codes may go there."""
    auth.users.request_verification(ada.id)
    return auth.users.verify_email(mailbox.token())


def mailed(mailbox: Mailbox) -> str:
    return re.findall(r"^ {4}([0-9 ]+)$", mailbox.last().text, flags=re.M)[0].strip()


def test_M06_a_code_by_mail_answers_once_and_only_the_newest(
    auth: Any, proven: Any, mailbox: Mailbox, clock: Clock
) -> None:
    asked = challenge(auth, proven.email)
    assert asked.methods == ("totp", "email", "recovery")
    auth.sign_in.send_code(asked.token.reveal())
    assert mailbox.last().to == proven.email
    first = mailed(mailbox)
    auth.sign_in.send_code(asked.token.reveal())
    second = mailed(mailbox)
    other = challenge(auth, proven.email)
    assert answered(auth, other, "email", second) == "invalid_credentials", "it is bound to its challenge"
    assert first == second or answered(auth, asked, "email", first) == "invalid_credentials"
    assert answered(auth, asked, "email", second) == "done"
    assert answered(auth, asked, "email", second) == "invalid_credentials"


def test_M06_a_code_by_mail_that_is_too_old_is_wrong(auth: Any, proven: Any, mailbox: Mailbox, clock: Clock) -> None:
    asked = challenge(auth, proven.email)
    auth.sign_in.send_code(asked.token.reveal())
    clock.advance(timedelta(minutes=10))
    assert answered(auth, asked, "email", mailed(mailbox)) == "invalid_credentials"


def test_codes_by_mail_go_to_proven_addresses_alone(auth: Any, ada: Any, app: App, mailbox: Mailbox) -> None:
    asked = challenge(auth, ada.email)
    mailbox.clear()
    assert outcome(auth.sign_in.send_code, asked.token.reveal()) == "invalid_credentials"
    assert len(mailbox) == 0


def test_L20_a_reset_meets_the_second_factor_and_a_mailbox_is_not_two(
    auth: Any, proven: Any, app: App, mailbox: Mailbox
) -> None:
    auth.users.request_reset(proven.email)
    asked = auth.users.reset(mailbox.token(), OTHER, client=HOME)
    assert isinstance(asked, Challenge)
    assert asked.methods == ("totp", "recovery")
    assert auth.sessions.page(proven.id).items == ()
    assert outcome(auth.sign_in.send_code, asked.token.reveal()) == "invalid_credentials"
    assert answered(auth, asked, "totp", app.next()) == "done"
    with pytest.raises(InvalidCredentials):
        auth.sign_in.with_password(proven.email, PASSWORD, HOME)


@pytest.mark.parametrize(
    "act",
    [
        lambda auth, ada: auth.users.change_password(ada.id, PASSWORD, OTHER),
        lambda auth, ada: auth.users.disable(ada.id),
        lambda auth, ada: auth.users.delete(ada.id),
        lambda auth, ada: auth.mfa.disable_totp(ada.id),
    ],
    ids=["change_password", "disable", "delete", "disable_totp"],
)
def test_L22_a_pending_challenge_is_dead_after_what_changes_who_may_come_in(
    auth: Any, ada: Any, app: App, act: Any
) -> None:
    asked = challenge(auth, ada.email)
    act(auth, ada)
    assert answered(auth, asked, "recovery", app.codes[0]) == "invalid_credentials"


def test_L22_adding_or_removing_a_factor_ends_all_other_sessions(auth: Any, ada: Any, clock: Clock) -> None:
    here, there = (auth.sign_in.with_password(ada.email, PASSWORD, HOME) for _ in range(2))
    begun = auth.mfa.begin_totp(ada.id)
    code = pyotp.parse_uri(begun.uri).at(clock.now)  # type: ignore[attr-defined]
    auth.mfa.confirm_totp(ada.id, begun.id, code, keep=here.session.id)
    assert auth.sessions.verify(here.token.reveal())
    with pytest.raises(InvalidSession):
        auth.sessions.verify(there.token.reveal())
    auth.mfa.disable_totp(ada.id)
    with pytest.raises(InvalidSession):
        auth.sessions.verify(here.token.reveal())
    assert isinstance(auth.sign_in.with_password(ada.email, PASSWORD, HOME), SignedIn)


def test_M17_each_change_of_a_factor_is_told_by_mail_and_in_the_log(
    auth: Any, ada: Any, app: App, mailbox: Mailbox
) -> None:
    auth.mfa.renew_recovery_codes(ada.id)
    auth.mfa.disable_totp(ada.id)
    assert [one.to for one in mailbox] == [ada.email] * 3
    told = {one.action for one in auth.log.page(user_id=ada.id)}
    assert {"factor.add", "factor.remove", "factor.renew_recovery_codes"} <= told


def test_S15_a_factor_proves_anew_who_holds_a_session(auth: Any, ada: Any, app: App, clock: Clock) -> None:
    asked = challenge(auth, ada.email)
    result = auth.sign_in.answer(asked.token.reveal(), method="recovery", response=app.codes[0], client=HOME)
    clock.advance(timedelta(minutes=20))
    code = app.next()
    again = auth.sign_in.reauthenticate(result.token.reveal(), method="totp", response=code)
    assert again.session.methods == ("password", "recovery", "totp")
    assert auth.sessions.verify(again.token.reveal()).require_recent(timedelta(seconds=1))
    for method, response in (("totp", code), ("recovery", app.codes[0]), ("email", "00000000"), ("password", PASSWORD)):
        token = again.token.reveal()
        assert outcome(auth.sign_in.reauthenticate, token, method=method, response=response) == "invalid_credentials"


def test_without_secret_keys_no_secret_is_kept() -> None:
    with Auth.open("memory://", settings=Settings(hash_cost="insecure_tests")) as auth:
        ada = auth.users.create("ada@example.com", PASSWORD)
        with pytest.raises(ConfigurationError):
            auth.mfa.begin_totp(ada.id)


def test_a_secret_is_sealed_where_it_is_kept(auth: Any, ada: Any, clock: Clock) -> None:
    from plexe_auth.rows import Query, equal
    from tests.people.conftest import done

    begun = auth.mfa.begin_totp(ada.id)
    rows = done(auth, auth.world.store.page(Query("factors", (equal("user_id", ada.id),), ("id",))))
    assert begun.secret.reveal() not in repr(rows)


def test_L07_a_password_beside_a_second_factor_may_be_shorter(auth: Any, ada: Any, app: App) -> None:
    short = "c0rrect h"
    with pytest.raises(InvalidRequest):
        auth.users.change_password(ada.id, PASSWORD, short[:7])
    assert auth.users.change_password(ada.id, PASSWORD, short)
    auth.mfa.disable_totp(ada.id)
    with pytest.raises(InvalidRequest):
        auth.users.change_password(ada.id, short, "c0rrect h0")
