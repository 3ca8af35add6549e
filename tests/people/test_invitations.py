"""An invitation is for one address and one account, good once, and never more than whoever asks for it may give."""

import inspect
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import (
    AccountSuspended,
    AuthError,
    Conflict,
    InvalidCredentials,
    InvalidRequest,
    Settings,
    Unavailable,
)
from plexe_auth.model.budget import LETTERS_TO
from plexe_auth.model.challenge import open_to
from plexe_auth.model.invitation import INVITE
from plexe_auth.rows import Query
from plexe_auth.service.invitations import Invitations
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.keys.frames import held_by, ours
from tests.keys.watch import Watch
from tests.people.conftest import HOME, PASSWORD, done
from tests.people.test_by_session import signed_in_as

LAB, OTHER = "acct_42", "acct_other"
GRACE = "Grace@example.com"
WORD = "another long lovely word"
TICK = timedelta(microseconds=1)
VERBS = ("create", "page", "revoke", "look", "accept")

in_memory = pytest.mark.parametrize("store_url", ["memory"], indirect=True)
on_disk = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


def outcome(call: Any, *arguments: Any, **named: Any) -> str:
    try:
        call(*arguments, **named)
    except AuthError as error:
        return error.code
    return "done"


def invited(auth: Any, mailbox: Mailbox, account_id: str = LAB, email: str = GRACE, **more: Any) -> str:
    auth.invitations.create(account_id, email, **more)
    return mailbox.token()


def kept(auth: Any, table: str) -> list[Any]:
    return list(done(auth, auth.world.store.page(Query(table, (), ("id",), limit=1000))))


def test_H16_whoever_accepts_has_that_role_and_a_proven_address_and_is_let_in(
    auth: Any, mailbox: Mailbox, clock: Clock
) -> None:
    by = signed_in_as(auth, "admin")
    made = auth.invitations.create(LAB, GRACE, role="viewer", organisation="Ada's Lab", by=by)
    assert (made.account_id, made.email, made.role, made.invited_by) == (LAB, GRACE, "viewer", by.user_id)
    assert (made.created_at, made.expires_at) == (clock.now, clock.now + timedelta(days=7))
    assert mailbox.last().to == GRACE
    assert mailbox.link().startswith("https://app.example.com/accept-invitation#token=plx_invite_")
    assert auth.invitations.look(mailbox.token()) == auth.invitations.look(mailbox.token()) == made
    result = auth.invitations.accept(mailbox.token(), WORD, name="Grace", client=HOME)
    user = auth.users.find("grace@example.com")
    assert result.user == user
    assert (user.account_id, user.email, user.name, user.role, user.verified_at) == (
        *(LAB, GRACE, "Grace", "viewer"),
        clock.now,
    )
    principal = auth.sessions.verify(result.token.reveal())
    assert (principal.user_id, str(principal.permissions), principal.methods) == (user.id, "read", ("invitation",))
    assert auth.sign_in.with_password(GRACE, WORD, HOME).user == user
    assert auth.invitations.page(LAB).items == ()
    assert outcome(auth.invitations.accept, mailbox.token(), WORD) == "invalid_credentials"


def test_H16_of_many_who_accept_at_once_one_succeeds(auth: Any, mailbox: Mailbox) -> None:
    token = invited(auth, mailbox)
    with ThreadPoolExecutor(32) as threads:
        words = [f"{number} long and lovely words" for number in range(32)]
        found = list(threads.map(lambda word: outcome(auth.invitations.accept, token, word), words))
    assert sorted(set(found)) == ["done", "invalid_credentials"]
    assert found.count("done") == 1
    (user,) = auth.users.page(LAB).items
    assert len(auth.sessions.page(user.id).items) == 1
    assert auth.sign_in.with_password(GRACE, words[found.index("done")], HOME).user == user


def test_H16_of_those_who_accept_and_those_who_revoke_at_once_one_succeeds(auth: Any, mailbox: Mailbox) -> None:
    token = invited(auth, mailbox)
    (one,) = auth.invitations.page(LAB).items
    calls = [(auth.invitations.accept, token, WORD), (auth.invitations.revoke, one.id)] * 8
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda call: outcome(*call), calls))
    assert found.count("done") == 1
    assert len(auth.users.page(LAB).items) == found[::2].count("done")
    assert auth.invitations.page(LAB).items == ()


def test_H16_a_newer_invitation_takes_the_older_ones_place_and_no_others(auth: Any, mailbox: Mailbox) -> None:
    elsewhere = invited(auth, mailbox, OTHER)
    beside = invited(auth, mailbox, email="grace@example.org")
    old = invited(auth, mailbox)
    new = invited(auth, mailbox, email=GRACE.upper(), role="viewer")
    assert [one.role for one in auth.invitations.page(LAB)].count("viewer") == 1
    assert len(auth.invitations.page(LAB).items) == 2
    assert outcome(auth.invitations.look, old) == "invalid_credentials"
    assert outcome(auth.invitations.accept, old, WORD) == "invalid_credentials"
    for token, role in ((new, "viewer"), (beside, "member"), (elsewhere, "member")):
        assert auth.invitations.look(token).role == role


def test_H16_of_many_invitations_made_at_once_one_is_left(auth: Any, mailbox: Mailbox) -> None:
    with ThreadPoolExecutor(LETTERS_TO.limit) as threads:
        list(threads.map(lambda _number: auth.invitations.create(LAB, GRACE), range(LETTERS_TO.limit)))
    tokens = [mailbox.token(letter) for letter in mailbox]
    assert len(set(tokens)) == LETTERS_TO.limit
    assert len(auth.invitations.page(LAB).items) == 1
    assert [outcome(auth.invitations.look, token) for token in tokens].count("done") == 1


def test_H16_a_revoked_invitation_is_dead(auth: Any, mailbox: Mailbox) -> None:
    token = invited(auth, mailbox)
    (one,) = auth.invitations.page(LAB).items
    assert auth.invitations.revoke(one.id) is None
    assert auth.invitations.page(LAB).items == ()
    assert outcome(auth.invitations.look, token) == "invalid_credentials"
    assert outcome(auth.invitations.accept, token, WORD) == "invalid_credentials"
    assert outcome(auth.invitations.revoke, one.id) == "not_found"
    assert outcome(auth.users.find, GRACE) == "not_found"


def test_L19_an_invitation_is_good_for_a_week_to_the_microsecond(auth: Any, mailbox: Mailbox, clock: Clock) -> None:
    token = invited(auth, mailbox)
    clock.advance(timedelta(days=7) - TICK)
    (one,) = auth.invitations.page(LAB).items
    assert auth.invitations.look(token) == one
    clock.advance(TICK)
    assert auth.invitations.page(LAB).items == ()
    assert outcome(auth.invitations.look, token) == "invalid_credentials"
    assert outcome(auth.invitations.accept, token, WORD) == "invalid_credentials"
    assert outcome(auth.invitations.revoke, one.id) == "not_found"


@in_memory
def test_L19_a_token_of_one_kind_is_none_of_another(auth: Any, ada: Any, signed_in: Any, mailbox: Mailbox) -> None:
    token = invited(auth, mailbox)
    auth.users.request_reset(ada.email)
    reset = mailbox.token()
    auth.users.register("new@example.com", PASSWORD)
    others = (reset, mailbox.token(), signed_in.token.reveal(), auth.keys.create(LAB, name="CI").secret.reveal())
    for other in others:
        assert outcome(auth.invitations.look, other) == "invalid_credentials"
        assert outcome(auth.invitations.accept, other, WORD) == "invalid_credentials"
    assert outcome(auth.users.reset, token, WORD) == "invalid_credentials"
    assert outcome(auth.users.verify_email, token) == "invalid_credentials"
    assert outcome(auth.sessions.verify, token) == "invalid_session"
    assert outcome(auth.invitations.accept, token, WORD) == "done"


@in_memory
def test_L11_whatever_is_no_good_token_is_refused_alike(auth: Any, mailbox: Mailbox, clock: Clock) -> None:
    used = invited(auth, mailbox, email="used@example.com")
    auth.invitations.accept(used, WORD)
    good = invited(auth, mailbox)
    unknown = INVITE.format.make().reveal()
    odd: tuple[Any, ...] = ("", " ", "\0", None, 0, True, 1.5, [], [good], {}, {"token": good}, good.encode())
    near = (good[:-1], good + "\n", " " + good, good.upper(), good[:-1] + "ı", "plx_invite_", "x" * 1_000_000)
    told, watch = [], Watch(auth)
    for token in (*odd, *near):
        outcome(auth.invitations.look, token)
        outcome(auth.invitations.accept, token, WORD)
    assert watch.count("get") == 0, "what has not the form of a token is not looked up"
    for token in (*odd, *near, used, unknown):
        for call in (auth.invitations.look, lambda token: auth.invitations.accept(token, WORD)):
            with pytest.raises(InvalidCredentials) as refused:
                call(token)
            told.append(refused.value.problem())
    assert told == told[:1] * len(told)
    assert auth.invitations.look(good).email == GRACE
    assert len(auth.users.page(LAB).items) == 1


@in_memory
def test_a_refused_password_or_name_leaves_the_token_good(auth: Any, mailbox: Mailbox) -> None:
    token = invited(auth, mailbox)
    for bad in ("short", "", None, 7, [], "passwordpassword", "x" * 2000, "\ud800" * 20, "Grace Grace Grace!"):
        with pytest.raises(InvalidRequest) as refused:
            auth.invitations.accept(token, bad, name="Grace")
        assert refused.value.field == "password"
    for odd in (None, 7, [], "\0", "\ud800", "x" * 256):
        with pytest.raises(InvalidRequest) as refused:
            auth.invitations.accept(token, WORD, name=odd)
        assert refused.value.field == "name"
    with pytest.raises(InvalidRequest):
        auth.invitations.accept(token, WORD, client="192.0.2.7")
    assert outcome(auth.users.find, GRACE) == "not_found"
    assert auth.invitations.accept(token, WORD, name="Grace").user.name == "Grace"


@in_memory
def test_only_who_has_the_letter_learns_that_its_address_has_a_user(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    asked = []
    for email in (ada.email, GRACE):
        watch = Watch(auth)
        made = auth.invitations.create(LAB, email)
        asked.append(([one.verb for one in watch.asked], made.role, mailbox.last().subject))
    assert asked[0] == asked[1]
    assert len(auth.invitations.page(LAB).items) == 2
    token = mailbox.token(mailbox.last(to=ada.email))
    for password in (WORD, "short"):
        with pytest.raises(Conflict, match="has an account already"):
            auth.invitations.accept(token, password, name="Mallory")
    assert auth.users.get(ada.id) == ada
    assert auth.sign_in.with_password(ada.email, PASSWORD, HOME)


@pytest.fixture
def elsewhere(opened: Any, store_url: str, clock: Clock, settings: Settings) -> Any:
    """Another process."""
    return opened("blocking", store_url, clock=clock, settings=settings, mailer=Mailbox())


@on_disk
def test_whoever_takes_the_address_while_an_invitation_is_accepted_keeps_it(
    auth: Any, mailbox: Mailbox, elsewhere: Any
) -> None:
    token = invited(auth, mailbox)
    Watch(auth).meanwhile(lambda: elsewhere.users.create(GRACE, PASSWORD, account_id=OTHER))
    with pytest.raises(Conflict, match="has an account already"):
        auth.invitations.accept(token, WORD)
    assert auth.users.find(GRACE).account_id == OTHER
    assert auth.users.page(LAB).items == ()


@on_disk
def test_H16_nobody_gets_the_role_of_an_invitation_that_is_replaced_while_they_accept_it(
    auth: Any, mailbox: Mailbox, elsewhere: Any
) -> None:
    token = invited(auth, mailbox, role="admin")
    Watch(auth).meanwhile(lambda: elsewhere.invitations.create(LAB, GRACE, role="viewer"))
    assert outcome(auth.invitations.accept, token, WORD) == "invalid_credentials"
    assert auth.users.page(LAB).items == ()
    assert [one.role for one in auth.invitations.page(LAB)] == ["viewer"]


@on_disk
def test_H16_an_invitation_that_changes_while_it_is_revoked_is_dead_or_not_found(
    auth: Any, mailbox: Mailbox, elsewhere: Any
) -> None:
    one = auth.invitations.create(LAB, GRACE)
    watch = Watch(auth)
    watch.meanwhile(lambda: elsewhere.invitations.create(LAB, GRACE))
    assert outcome(auth.invitations.revoke, one.id) == "done"
    assert auth.invitations.page(LAB).items == ()
    auth.invitations.create(LAB, GRACE)
    watch.meanwhile(lambda: elsewhere.invitations.revoke(one.id))
    assert outcome(auth.invitations.revoke, one.id) == "not_found"


@on_disk
def test_whoever_is_disabled_as_soon_as_they_are_made_is_not_let_in(
    auth: Any, mailbox: Mailbox, elsewhere: Any
) -> None:
    token, watch = invited(auth, mailbox), Watch(auth)
    watch.meanwhile(lambda: watch.meanwhile(lambda: elsewhere.users.disable(elsewhere.users.find(GRACE).id)))
    assert outcome(auth.invitations.accept, token, WORD) == "invalid_credentials"
    assert auth.sessions.page(auth.users.find(GRACE).id).items == ()


@in_memory
def test_a_suspended_account_takes_nobody_in_until_it_is_resumed(auth: Any, mailbox: Mailbox) -> None:
    token = invited(auth, mailbox)
    auth.accounts.suspend(LAB)
    for call in (
        lambda: auth.invitations.create(LAB, "other@example.com"),
        lambda: auth.invitations.look(token),
        lambda: auth.invitations.accept(token, WORD),
    ):
        with pytest.raises(AccountSuspended):
            call()
    assert len(mailbox) == 1
    assert auth.users.page(LAB).items == ()
    auth.accounts.resume(LAB)
    assert auth.invitations.accept(token, WORD).user.account_id == LAB


@pytest.mark.parametrize("when", ["before", "after"])
@in_memory
def test_H07_when_the_store_fails_the_invitation_stands_or_its_user_can_sign_in(
    auth: Any, mailbox: Mailbox, when: Any
) -> None:
    watch, states = Watch(auth), []
    for call in range(20):
        email = f"number{call}@example.com"
        token = invited(auth, mailbox, email=email)
        watch.fail(call=call, when=when)
        came = outcome(auth.invitations.accept, token, WORD)
        watch.relent()
        stands = outcome(auth.invitations.look, token) == "done"
        signs_in = outcome(auth.sign_in.with_password, email, WORD, HOME) == "done"
        states.append((came, stands, signs_in))
        if came == "done":
            break
    assert states[-1] == ("done", False, True)
    assert set(states[:-1]) == {("unavailable", True, False), ("unavailable", False, True)}


@pytest.mark.parametrize("when", ["before", "after"])
@in_memory
def test_H12_whatever_fails_no_frame_holds_the_token_or_the_password(auth: Any, mailbox: Mailbox, when: Any) -> None:
    watch, word = Watch(auth), "a very secret long word"
    token = invited(auth, mailbox)
    for call in range(20):
        watch.fail(call=call, when=when)
        for ask in (
            lambda: auth.invitations.look(token),
            lambda: auth.invitations.accept(token, word),
            lambda: auth.invitations.accept([token], word),
            lambda: auth.invitations.accept(token + "\n", word),
        ):
            try:
                ask()
            except (Unavailable, InvalidCredentials) as error:
                found = list(held_by(error, ours(error)))
                assert [one for one in found if token.removeprefix("plx_invite_") in one or word in one] == []
    watch.relent()
    assert outcome(auth.invitations.look, token) == "invalid_credentials", "one of them came through"


@in_memory
def test_L19_a_token_is_kept_as_a_digest_and_stands_in_its_letter_alone(auth: Any, mailbox: Mailbox) -> None:
    token = invited(auth, mailbox)
    made = auth.invitations.look(token)
    auth.log.flush()
    for told in (repr(made), repr(auth.world.store._store._tables), repr(auth.log.page().items), repr(mailbox.last())):
        assert token.removeprefix("plx_invite_")[:12] not in told


def test_whoever_showed_their_mailbox_is_asked_for_something_else_as_a_second_factor() -> None:
    user, factors = {"verified_at": 1}, {"totp": object()}
    assert open_to(user, factors, ("invitation",), by_mail=True) == ("totp",)
    assert open_to(user, factors, ("password",), by_mail=True) == ("totp", "email")


@in_memory
def test_S03_invitations_that_are_over_leave_no_rows(auth: Any, clock: Clock) -> None:
    for number in range(3):
        auth.invitations.create(LAB, f"number{number}@example.com")
    clock.advance(INVITE.lasts)
    auth.invitations.create(OTHER, GRACE)
    assert [row["account_id"] for row in kept(auth, "invitations")] == [OTHER]


@in_memory
def test_H13_each_step_of_an_invitation_is_one_entry(auth: Any, mailbox: Mailbox) -> None:
    by = signed_in_as(auth, "admin")
    member = signed_in_as(auth, "member")
    heard: list[str] = []
    auth.on("invitation.create", lambda entry: heard.append(entry.outcome))
    auth.log.flush()
    before = len(auth.log.page(limit=200).items)
    one = auth.invitations.create(LAB, GRACE, role="viewer", by=by)
    two = auth.invitations.create(LAB, "other@example.com")
    outcome(auth.invitations.create, LAB, GRACE, by=member)
    auth.invitations.revoke(two.id, by=by)
    outcome(auth.invitations.revoke, two.id)
    token = mailbox.token(mailbox.last(to=GRACE))
    user = auth.invitations.accept(token, WORD, client=HOME).user
    outcome(auth.invitations.accept, token, WORD, client=HOME)
    auth.log.flush()
    told = auth.log.page(limit=200).items
    found = [(e.action, e.code, e.account_id, e.user_id, e.ip, e.detail) for e in told[: len(told) - before]]
    assert found[::-1] == [
        ("invitation.create", None, LAB, by.user_id, None, f"by {by.id}: {one.id} as viewer"),
        ("invitation.create", None, LAB, None, None, f"{two.id} as member"),
        ("invitation.create", "insufficient_permissions", LAB, None, None, f"by {member.id}"),
        ("invitation.revoke", None, LAB, by.user_id, None, f"by {by.id}: {two.id}"),
        ("invitation.revoke", "not_found", None, None, None, None),
        ("user.register", None, LAB, user.id, HOME.ip, f"by {by.user_id}: {one.id}"),
        ("session.sign_in", None, LAB, user.id, HOME.ip, "invitation"),
        ("user.register", "invalid_credentials", None, None, HOME.ip, None),
    ]
    assert heard == ["allowed", "allowed", "denied"]
    assert auth.log.verify().ok


def test_H15_nobody_says_what_an_invitation_or_its_user_is_beyond_what_is_asked() -> None:
    taken = {verb: set(inspect.signature(getattr(Invitations, verb)).parameters) - {"self"} for verb in VERBS}
    assert taken == {
        "create": {"account_id", "email", "role", "organisation", "by"},
        "page": {"account_id", "after", "limit"},
        "revoke": {"invitation_id", "by"},
        "look": {"token"},
        "accept": {"token", "password", "name", "client"},
    }
