"""Whoever is beaten to it, asks in an odd form, or meets a store that does not answer gets one clear answer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import (
    AuthError,
    Conflict,
    InsufficientPermissions,
    InvalidCredentials,
    InvalidRequest,
    NotFound,
    Policy,
    Unavailable,
)
from plexe_auth.cache.signed_in import _MOST_GRANTED, SignedInAs
from plexe_auth.model.origin import Origin
from plexe_auth.model.same_origin import proves_itself
from plexe_auth.rows import Delete, Insert, Update, equal
from plexe_auth.testing.mailbox import Mailbox
from plexe_auth.wire import Request
from tests.conftest import Clock
from tests.gate.shims import SHIMS, Ask, Host
from tests.keys.watch import Watch
from tests.people.conftest import HOME, PASSWORD, done
from tests.people.test_by_passkey import Device
from tests.people.test_demanded import shown
from tests.people.test_mfa import App, challenge, mailed
from tests.people.test_oauth import SETTINGS, GitHub, awaited, came

OTHER = "another long lovely word"


@pytest.fixture
def store_url() -> str:
    """None of this depends on the store."""
    return "memory://"


@pytest.fixture
def beaten(auth: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has somebody else be quicker, so many times, wherever a row of a table is added, changed or removed."""

    def beaten_(kind: type[Any], table: str, times: int = 1) -> None:
        commit, left = auth.world.store.commit, [times]

        async def late(*changes: Any) -> Any:
            if left[0] and any(isinstance(one, kind) and one.table == table for one in changes):
                left[0] -= 1
                raise Conflict
            return await commit(*changes)

        monkeypatch.setattr(auth.world.store, "commit", late)

    return beaten_


def test_whoever_is_changed_again_and_again_while_they_sign_in_is_told(auth: Any, ada: Any, beaten: Any) -> None:
    beaten(Insert, "sessions", times=2)
    assert auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    beaten(Insert, "sessions", times=1000)
    with pytest.raises(Conflict):
        auth.sign_in.with_password(ada.email, PASSWORD, HOME)


def test_a_link_that_was_made_at_the_same_instant_gives_way(auth: Any, ada: Any, beaten: Any, mailbox: Mailbox) -> None:
    beaten(Insert, "tickets", times=3)
    auth.users.request_reset(ada.email)
    assert auth.users.reset(mailbox.token(), OTHER).user.id == ada.id
    beaten(Insert, "tickets", times=1000)
    with pytest.raises(Conflict):
        auth.users.request_reset(ada.email)


def test_invitations_that_are_made_at_the_same_instant_give_way_or_end(
    auth: Any, beaten: Any, mailbox: Mailbox
) -> None:
    beaten(Insert, "invitations", times=3)
    auth.invitations.create("acct_42", "grace@example.com")
    beaten(Insert, "invitations", times=1000)
    with pytest.raises(Conflict):
        auth.invitations.create("acct_42", "joan@example.com")
    assert len(auth.invitations.page("acct_42").items) == len(mailbox) == 1


def test_a_passkey_that_was_just_removed_is_not_renamed(auth: Any, ada: Any, beaten: Any) -> None:
    device = Device(auth, ada.id)
    beaten(Update, "passkeys")
    with pytest.raises(NotFound):
        auth.mfa.rename_passkey(ada.id, device.passkey.id, "Mine")
    assert auth.mfa.rename_passkey(ada.id, device.passkey.id, "Mine").name == "Mine"


def test_whoever_is_changed_while_they_add_a_demanded_factor_is_not_let_in(
    auth: Any, ada: Any, beaten: Any, clock: Clock
) -> None:
    auth.accounts.require_mfa(ada.account_id, grace=timedelta(0))
    asked = challenge(auth, ada.email)
    begun = auth.sign_in.begin_totp(asked.token.reveal())
    beaten(Insert, "sessions")
    with pytest.raises(InvalidCredentials):
        auth.sign_in.confirm_totp(asked.token.reveal(), begun.id, shown(begun, clock), HOME)
    assert auth.mfa.methods(ada.id) == ()


def test_a_creation_that_fails_for_another_reason_takes_no_name(auth: Any, beaten: Any) -> None:
    beaten(Insert, "keys")
    with pytest.raises(Conflict) as refused:
        auth.keys.create("acct_42", name="CI", idempotency_key="one-and-only")
    assert refused.value.key_id is None
    assert auth.keys.create("acct_42", name="CI", idempotency_key="one-and-only").key.name == "CI"


def test_whoever_has_no_passkey_is_not_asked_for_one(auth: Any, ada: Any, clock: Clock) -> None:
    App(auth, ada.id, clock)
    with pytest.raises(InvalidCredentials):
        auth.sign_in.begin_passkey(challenge(auth, ada.email).token.reveal())


def test_a_user_who_was_just_deleted_is_not_there(auth: Any, ada: Any, beaten: Any) -> None:
    beaten(Delete, "users")
    with pytest.raises(NotFound):
        auth.users.delete(ada.id)


def test_a_challenge_that_was_just_answered_is_sent_no_code(
    auth: Any, ada: Any, beaten: Any, clock: Clock, mailbox: Mailbox
) -> None:
    App(auth, ada.id, clock)
    auth.users.request_verification(ada.id)
    auth.users.verify_email(mailbox.token())
    asked = challenge(auth, ada.email)
    auth.sign_in.send_code(asked.token.reveal())
    assert mailed(mailbox)
    beaten(Update, "challenges")
    with pytest.raises(InvalidCredentials):
        auth.sign_in.send_code(asked.token.reveal())


def test_a_challenge_and_a_link_of_a_user_who_was_disabled_behind_our_back_are_dead(
    auth: Any, ada: Any, clock: Clock, mailbox: Mailbox
) -> None:
    app = App(auth, ada.id, clock)
    asked = challenge(auth, ada.email)
    auth.users.request_reset(ada.email)
    token = mailbox.token()
    auth.users.request_verification(ada.id)
    verify = mailbox.token()
    done(auth, auth.world.store.commit(Update("users", (equal("id", ada.id),), {"disabled_at": 1})))
    for call in (
        lambda: auth.sign_in.answer(asked.token.reveal(), method="totp", response=app.next()),
        lambda: auth.users.reset(token, OTHER),
        lambda: auth.users.verify_email(verify),
    ):
        with pytest.raises(InvalidCredentials):
            call()


def test_whoever_was_changed_while_they_came_from_a_provider_is_not_let_in(
    face: str, opened: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = GitHub()
    fetch = provider if face == "blocking" else awaited(provider)
    auth = opened(face, "memory://", clock=clock, settings=SETTINGS, fetch=fetch)
    provider.emails = [{"email": "nobody%elsewhere.example@example.com", "primary": True, "verified": True}]
    with pytest.raises(InvalidCredentials):
        came(auth)
    provider.emails = [{"email": "octo@example.com", "primary": True, "verified": True}]
    came(auth)
    commit = auth.world.store.commit

    async def late(*changes: Any) -> Any:
        if any(isinstance(one, Insert) and one.table == "sessions" for one in changes):
            raise Conflict
        return await commit(*changes)

    monkeypatch.setattr(auth.world.store, "commit", late)
    with pytest.raises(InvalidCredentials):
        came(auth)


def test_what_names_no_enrolment_or_session_or_user_is_not_found(auth: Any, ada: Any) -> None:
    for odd in (None, "", "\0", 7, [], "fct_unknown"):
        with pytest.raises(NotFound):
            auth.mfa.confirm_totp(ada.id, odd, "000000")
        with pytest.raises(NotFound):
            auth.sessions.revoke(odd)
        with pytest.raises(NotFound):
            auth.sessions.page(odd)
    for wrong in (7, [], b"x"):
        with pytest.raises(InvalidRequest):
            auth.sessions.revoke_all(ada.id, keep=wrong)
    assert auth.sessions.revoke_all(ada.id, keep="\0") == 0


def test_a_session_says_in_which_state_it_is(auth: Any, signed_in: Any, clock: Clock) -> None:
    session = signed_in.session
    assert session.status(clock.now) == "active"
    assert session.status(session.idles_at) == "expired"
    assert auth.sessions.revoke(session.id).status(clock.now) == "revoked"


def test_a_permission_of_no_sensible_type_is_refused_for_what_is_remembered(auth: Any, signed_in: Any) -> None:
    key = auth.keys.create("acct", name="CI").secret.reveal()
    for verify, text in ((auth.keys.verify, key), (auth.sessions.verify, signed_in.token.reveal())):
        for _ in range(3):
            verify(text, permission="models:read")
        for odd in ([], {}, set()):
            with pytest.raises(InvalidRequest):
                verify(text, permission=odd)


def test_a_session_is_written_down_also_after_a_rest(auth: Any, signed_in: Any) -> None:
    token = signed_in.token.reveal()
    for _ in range(2):
        for _ in range(3):
            auth.sessions.verify(token)
        auth.log.flush()
        assert auth.world.journal.rests()
    assert len(auth.log.page(action="session.verify").items) == 6


def test_a_session_is_written_down_also_where_a_segment_ends(
    face: str, opened: Any, clock: Clock, settings: Any
) -> None:
    auth = opened(face, "memory://", clock=clock, settings=replace(settings, spool_limit=1024 * 1024))
    auth.users.create("ada@example.com", PASSWORD)
    token = auth.sign_in.with_password("ada@example.com", PASSWORD, HOME).token.reveal()
    for _ in range(1000):  # some 130 KB, in segments of 64
        auth.sessions.verify(token)
    auth.log.flush()
    assert len(auth.log.page(action="session.verify", limit=1000).items) == 1000
    assert auth.log.verify().ok


def test_S04_what_is_ended_while_it_is_taken_up_is_asked_of_the_store(
    auth: Any, signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = signed_in.token.reveal()
    auth.sessions.verify(token)

    def meanwhile(packed: str, now: Any) -> SignedInAs:
        auth.world.session_cache.renew()
        return SignedInAs(packed, now)

    monkeypatch.setattr(auth.world.session_cache, "_unpacked", meanwhile)
    asked = Watch(auth)
    assert auth.sessions.verify(token)
    assert [one.values[0] for one in asked.asked if one.verb == "get"] == ["sessions"]


def test_what_a_session_may_do_is_remembered_up_to_a_bound() -> None:
    held = SignedInAs("\0".join(("acct", "usr_1", "ses_1", "member", "password", "0", "9")), 0)
    assert all(held.covers(f"models_{number}:read") for number in range(_MOST_GRANTED + 5))
    assert len(held.granted) <= _MOST_GRANTED
    assert not held.covers("keys:manage")


def test_R06_a_session_is_not_accepted_when_the_store_or_what_counts_does_not_answer(
    auth: Any, signed_in: Any, face: str, loop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = signed_in.token.reveal()
    watch = Watch(auth)
    watch.fail(call=0, when="before")
    with pytest.raises(Unavailable):
        auth.sessions.verify(token, fresh=True)
    watch.relent()

    async def down(*_asked: Any) -> Any:
        raise Unavailable

    shim = SHIMS["wsgi" if face == "blocking" else "asgi"](auth, Policy(rate="2/minute"), Host(), loop)
    ask = Ask().having(("cookie", f"__Host-plexe_session={token}"))
    monkeypatch.setattr(auth.world.limiter, "hit", down)
    assert shim(ask).code == "unavailable"


@pytest.mark.parametrize(
    "fields",
    [
        {"origin": ["http://a.example", "http://a.example"], "host": ["a.example"]},
        {"sec-fetch-site": ["same-origin", "same-origin"], "host": ["a.example"]},
        {"origin": ["http://a.example"]},
        {"origin": ["http://a.example"], "host": ["a.example", "a.example"]},
        {"origin": ["null"]},
    ],
)
def test_S12_what_is_told_twice_or_not_at_all_proves_nothing(fields: dict[str, list[str]]) -> None:
    here = Origin("192.0.2.7", encrypted=False, local=False)
    assert not proves_itself(Request("http", "POST", "/", fields=fields), here, ())
    assert not proves_itself(Request("websocket", "GET", "/", fields=fields), here, ())
    assert proves_itself(Request("http", "GET", "/", fields=fields), here, ())


def test_S12_a_websocket_by_cookie_has_to_come_from_our_own_page() -> None:
    here = Origin("192.0.2.7", encrypted=True, local=False)
    own = {"origin": ["https://a.example"], "host": ["A.example"]}
    assert proves_itself(Request("websocket", "GET", "/", fields=own), here, ())
    assert not proves_itself(Request("websocket", "GET", "/", fields={}), here, ())


def test_a_role_that_nobody_could_have_written_grants_nothing(auth: Any, ada: Any, signed_in: Any) -> None:
    done(auth, auth.world.store.commit(Update("users", (equal("id", ada.id),), {"role": "root"})))
    with pytest.raises(InsufficientPermissions):
        auth.sessions.verify(signed_in.token.reveal(), permission="read", fresh=True)


def test_a_reset_that_somebody_else_finished_first_is_refused(
    auth: Any, ada: Any, beaten: Any, mailbox: Mailbox
) -> None:
    auth.users.request_reset(ada.email)
    token = mailbox.token()
    beaten(Insert, "sessions")
    with pytest.raises(InvalidCredentials):
        auth.users.reset(token, OTHER)


def test_every_refusal_here_is_one_of_the_table(auth: Any) -> None:
    for call in (
        lambda: auth.sessions.verify("x"),
        lambda: auth.sign_in.with_password("x", "y"),
        lambda: auth.users.get("x"),
        lambda: auth.oauth.begin("x", redirect_uri="y"),
    ):
        with pytest.raises(AuthError) as refused:
            call()
        assert refused.value.problem()["code"] == refused.value.code
