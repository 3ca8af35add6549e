"""What is done by mail proves an address, tells nobody who is known, and is good once, for one thing and a while."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import (
    Auth,
    Client,
    ConfigurationError,
    InvalidCredentials,
    InvalidRequest,
    InvalidSession,
    NotFound,
    RateLimitExceeded,
    Settings,
)
from plexe_auth.mail.letters import Letters
from plexe_auth.mail.smtp import SMTPMailer
from plexe_auth.model.budget import LETTERS_TO
from plexe_auth.model.letter import Letter
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.keys.watch import Watch
from tests.people.conftest import HOME, PASSWORD

OTHER = "another long lovely word"
NEW = "grace@example.com"
BASE = "https://app.example.com"


def outcome(call: Any, *arguments: Any) -> str:
    try:
        call(*arguments)
    except (InvalidCredentials, InvalidRequest) as error:
        return error.code
    return "done"


def test_who_opens_the_link_of_a_registration_becomes_a_user(auth: Any, mailbox: Mailbox, clock: Clock) -> None:
    assert auth.users.register(NEW, PASSWORD, name="Grace") is None
    with pytest.raises(NotFound):
        auth.users.find(NEW)
    with pytest.raises(InvalidCredentials):
        auth.sign_in.with_password(NEW, PASSWORD, HOME)
    assert mailbox.last().to == NEW
    user = auth.users.verify_email(mailbox.token())
    assert (user.email, user.name, user.role, user.verified_at) == (NEW, "Grace", "owner", clock.now)
    assert auth.sign_in.with_password(NEW, PASSWORD, HOME).user == user


class Ours(Letters):
    """A host's own words for each letter with a link."""

    def verify_email(self, to: str, link: str, lasts: timedelta) -> Letter:
        return Letter(to, "Is it you?", f"{link}\n")

    def reset_password(self, to: str, link: str, lasts: timedelta) -> Letter:
        return Letter(to, "Anew", f"{link}\n")


def test_letters_are_in_the_words_of_the_host(
    face: str, opened: Callable[..., Any], settings: Settings, mailbox: Mailbox
) -> None:
    auth = opened(face, "memory://", settings=settings, mailer=mailbox, letters=Ours("Example"))
    auth.users.register(NEW, PASSWORD)
    auth.users.verify_email(mailbox.token())
    auth.users.request_reset(NEW)
    auth.users.reset(mailbox.token(), OTHER)
    assert [one.subject for one in mailbox][:2] == ["Is it you?", "Anew"]


@pytest.mark.parametrize("product", [" ", "\u200b", "\u202e\n"])
def test_a_product_whose_name_cannot_be_seen_is_refused_when_it_is_opened(product: str) -> None:
    with pytest.raises(ConfigurationError, match="product"):
        Auth.open("memory://", settings=Settings(product=product))


def test_L02_registering_tells_nothing_and_takes_the_same_steps(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    asked = []
    for email in (ada.email, NEW):
        watch = Watch(auth)
        assert auth.users.register(email, OTHER) is None
        asked.append([one.verb for one in watch.asked])
    assert asked[0] == asked[1]
    assert [one.to for one in mailbox] == [ada.email, NEW]
    assert "already" in mailbox.all[0].subject
    assert auth.sign_in.with_password(ada.email, PASSWORD, HOME)


def test_L02_asking_for_a_reset_tells_nothing_and_takes_the_same_steps(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    disabled = auth.users.create("disabled@example.com", PASSWORD)
    auth.users.disable(disabled.id)
    asked = []
    for email in (ada.email, "nobody@example.com", disabled.email):
        watch = Watch(auth)
        assert auth.users.request_reset(email, client=HOME) is None
        asked.append([one.verb for one in watch.asked])
    assert asked[0] == asked[1] == asked[2]
    assert [one.to for one in mailbox] == [ada.email]


def test_L03_what_becomes_of_a_letter_changes_nothing(auth: Any, ada: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_letter: Any) -> None:
        raise OSError("the mail server is down")

    monkeypatch.setattr(auth.world.outbox._port, "send", fails)
    assert auth.users.request_reset(ada.email) is None
    assert auth.users.register(NEW, PASSWORD) is None


def test_L17_nobody_takes_an_address_before_its_owner_does(auth: Any, mailbox: Mailbox) -> None:
    auth.users.register(NEW, PASSWORD)
    early = mailbox.token()
    auth.users.register(NEW, OTHER)
    assert outcome(auth.users.verify_email, early) == "invalid_credentials"
    user = auth.users.verify_email(mailbox.token())
    with pytest.raises(InvalidCredentials):
        auth.sign_in.with_password(NEW, PASSWORD, HOME)
    assert auth.sign_in.with_password(NEW, OTHER, HOME).user == user


def test_a_forgotten_password_is_set_anew_and_every_session_ends(
    auth: Any, ada: Any, signed_in: Any, mailbox: Mailbox, clock: Clock
) -> None:
    auth.users.request_reset("ADA@example.com", client=HOME)
    result = auth.users.reset(mailbox.token(), OTHER, client=HOME)
    assert auth.sessions.verify(result.token.reveal()).user_id == ada.id
    with pytest.raises(InvalidSession):
        auth.sessions.verify(signed_in.token.reveal())
    with pytest.raises(InvalidCredentials):
        auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    assert auth.sign_in.with_password(ada.email, OTHER, HOME).user.verified_at == clock.now
    assert "changed" in mailbox.last().subject


def test_a_refused_password_leaves_the_link_good(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    auth.users.request_reset(ada.email)
    token = mailbox.token()
    for bad in ("short", None, "passwordpassword", "x" * 2000):
        with pytest.raises(InvalidRequest):
            auth.users.reset(token, bad)
    assert auth.users.reset(token, OTHER).user.id == ada.id


def test_L19_a_link_is_good_once_for_a_while_and_for_one_thing(
    auth: Any, ada: Any, mailbox: Mailbox, clock: Clock
) -> None:
    auth.users.request_reset(ada.email)
    reset = mailbox.token()
    auth.users.request_verification(ada.id)
    verify = mailbox.token()
    assert outcome(auth.users.reset, verify, OTHER) == "invalid_credentials"
    assert outcome(auth.users.verify_email, reset) == "invalid_credentials"
    assert auth.users.verify_email(verify).verified_at == clock.now
    assert outcome(auth.users.verify_email, verify) == "invalid_credentials"
    clock.advance(timedelta(minutes=30))
    assert outcome(auth.users.reset, reset, OTHER) == "invalid_credentials"
    assert auth.sign_in.with_password(ada.email, PASSWORD, HOME)


@pytest.mark.parametrize(
    "act",
    [
        lambda auth, ada: auth.users.change_password(ada.id, PASSWORD, OTHER),
        lambda auth, ada: auth.users.disable(ada.id),
        lambda auth, ada: auth.users.delete(ada.id),
        lambda auth, ada: auth.users.request_reset(ada.email),
    ],
    ids=["change_password", "disable", "delete", "newer"],
)
def test_L19_a_link_is_dead_after_what_makes_it_needless(auth: Any, ada: Any, mailbox: Mailbox, act: Any) -> None:
    auth.users.request_reset(ada.email)
    token = mailbox.token()
    act(auth, ada)
    assert outcome(auth.users.reset, token, "a third long lovely word") == "invalid_credentials"
    with pytest.raises(InvalidCredentials):
        auth.sign_in.with_password(ada.email, "a third long lovely word", HOME)


def test_L19_of_many_who_open_one_link_at_once_one_succeeds(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    auth.users.request_reset(ada.email)
    token = mailbox.token()
    with ThreadPoolExecutor(16) as threads:
        words = [f"{number} long and lovely words" for number in range(16)]
        found = list(threads.map(lambda word: outcome(auth.users.reset, token, word), words))
    assert found.count("done") == 1
    assert set(found) == {"done", "invalid_credentials"}
    assert len(auth.sessions.page(ada.id).items) == 1


def test_L17_of_many_who_open_one_registration_one_user_is_made(auth: Any, mailbox: Mailbox) -> None:
    auth.users.register(NEW, PASSWORD)
    token = mailbox.token()
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda _number: outcome(auth.users.verify_email, token), range(16)))
    assert found.count("done") == 1


@pytest.mark.parametrize("odd", ["", " ", None, 0, True, [], {}, b"x", "plx_reset_" + "a" * 46, "\0", "x" * 100_000])
def test_L11_what_is_no_link_of_ours_is_refused(auth: Any, ada: Any, odd: Any) -> None:
    auth.users.request_reset(ada.email)
    auth.users.register(NEW, PASSWORD)
    for call in (auth.users.verify_email, lambda token: auth.users.reset(token, OTHER)):
        with pytest.raises(InvalidCredentials):
            call(odd)


def test_L18_a_new_address_is_theirs_when_its_link_is_opened_and_only_the_newest_counts(
    auth: Any, ada: Any, signed_in: Any, mailbox: Mailbox, clock: Clock
) -> None:
    auth.users.change_email(ada.id, "first@example.com")
    first = mailbox.token()
    auth.users.change_email(ada.id, "Second@example.com")
    second = mailbox.token()
    assert auth.users.get(ada.id).email == ada.email
    assert outcome(auth.users.verify_email, first) == "invalid_credentials"
    changed = auth.users.verify_email(second)
    assert (changed.email, changed.verified_at) == ("Second@example.com", clock.now)
    assert auth.users.find("second@example.com").id == ada.id
    assert mailbox.last().to == ada.email, "the old address is told"
    with pytest.raises(InvalidSession):
        auth.sessions.verify(signed_in.token.reveal())
    with pytest.raises(NotFound):
        auth.users.find(ada.email)


def test_L18_an_address_that_somebody_else_has_is_not_given_away(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    grace = auth.users.create(NEW, PASSWORD)
    assert auth.users.change_email(ada.id, NEW) is None
    assert mailbox.last().to == NEW
    assert "already" in mailbox.last().subject
    auth.users.change_email(ada.id, "free@example.com")
    token = mailbox.token()
    auth.users.create("free@example.com", PASSWORD)
    assert outcome(auth.users.verify_email, token) == "invalid_credentials"
    assert (auth.users.get(ada.id).email, auth.users.get(grace.id).email) == (ada.email, NEW)


def test_a_proof_of_an_address_that_was_changed_since_proves_nothing(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    auth.users.request_verification(ada.id)
    old = mailbox.token()
    auth.users.change_email(ada.id, NEW)
    auth.users.verify_email(mailbox.token())
    assert outcome(auth.users.verify_email, old) == "invalid_credentials"


def test_a_proven_address_is_not_asked_about_again(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    auth.users.request_verification(ada.id)
    auth.users.verify_email(mailbox.token())
    mailbox.clear()
    auth.users.request_verification(ada.id)
    assert len(mailbox) == 0
    with pytest.raises(NotFound):
        auth.users.request_verification("usr_nobody")


def test_L16_nobody_floods_a_mailbox_and_a_refusal_tells_nothing(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    def asked(email: str) -> list[str]:
        codes = []
        for number in range(LETTERS_TO.limit + 2):
            try:
                if number % 2:
                    auth.users.request_reset(email.upper(), client=Client(f"198.51.100.{number}"))
                else:
                    auth.users.register(email, OTHER, client=Client(f"198.51.100.{number}"))
                codes.append("sent")
            except RateLimitExceeded as error:
                codes.append(error.code)
        return codes

    assert asked(ada.email) == asked("nobody@example.com")
    assert asked(ada.email).count("sent") == 0
    assert len([one for one in mailbox if one.to.lower() == ada.email.lower()]) == LETTERS_TO.limit


def test_L21_links_lead_to_the_configured_place_alone(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    auth.users.request_reset(ada.email)
    auth.users.register(NEW, PASSWORD)
    auth.users.change_email(ada.id, "other@example.com")
    assert all(link.startswith(f"{BASE}/") for letter in mailbox for link in mailbox.links(letter))
    assert [mailbox.link(one).partition("#")[0] for one in mailbox] == [
        f"{BASE}/reset-password",
        f"{BASE}/verify-email",
        f"{BASE}/verify-email",
    ]


def test_L21_a_mail_server_without_a_place_for_links_to_lead_to_is_refused_at_once() -> None:
    mailer = SMTPMailer("smtp://localhost", sender="no-reply@example.com")
    with pytest.raises(ConfigurationError, match="base_url"):
        Auth.open("memory://", mailer=mailer)
    Auth.open("memory://", mailer=mailer, settings=Settings(base_url=BASE)).close()


def test_without_a_mailer_what_needs_one_says_so() -> None:
    with Auth.open("memory://", settings=Settings(hash_cost="insecure_tests")) as auth:
        ada = auth.users.create("ada@example.com", PASSWORD)
        for call in (
            lambda: auth.users.register(NEW, PASSWORD),
            lambda: auth.users.request_reset(ada.email),
            lambda: auth.users.request_verification(ada.id),
            lambda: auth.users.change_email(ada.id, NEW),
        ):
            with pytest.raises(ConfigurationError, match="mailer"):
                call()
        assert auth.users.change_password(ada.id, PASSWORD, OTHER)


def test_L09_what_is_no_plain_address_gets_no_letter(auth: Any, mailbox: Mailbox) -> None:
    for odd in (
        "a@x.example,b@y.example",
        "a@x.example\nbcc:b@y.example",
        "<a@x.example>",
        "a b@x.example",
        "",
        None,
        7,
    ):
        for call in (lambda one: auth.users.register(one, PASSWORD), auth.users.request_reset):
            with pytest.raises(InvalidRequest):
                call(odd)
    assert len(mailbox) == 0


def test_what_is_done_by_mail_is_told_in_the_access_log(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    auth.users.register(NEW, PASSWORD)
    token = mailbox.token()
    auth.users.verify_email(token)
    assert outcome(auth.users.verify_email, token) == "invalid_credentials"
    auth.users.change_email(ada.id, "third@example.com")
    auth.users.verify_email(mailbox.token())
    auth.users.request_reset("third@example.com")
    auth.users.reset(mailbox.token(), OTHER)
    auth.log.flush()
    told = [(one.action, one.outcome) for one in auth.log.page() if one.action.startswith("user.")]
    for action in ("user.register", "user.change_email", "user.reset_password"):
        assert (action, "allowed") in told
    assert auth.log.verify().ok
