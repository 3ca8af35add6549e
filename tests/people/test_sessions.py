"""A session is good until it idles, grows old or is ended; then no process accepts it, and nothing revives it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import (
    AccountSuspended,
    ExpiredSession,
    InsufficientPermissions,
    InvalidRequest,
    InvalidSession,
    NotFound,
    Permissions,
    Principal,
)
from plexe_auth.rows import Query, Update, equal
from tests.conftest import Clock
from tests.people.conftest import HOME, PASSWORD, done
from tests.stores import SHARED

IDLE, LIFETIME = timedelta(minutes=30), timedelta(days=14)
SECOND = timedelta(seconds=1)


def test_a_session_acts_for_its_user_with_their_role(auth: Any, ada: Any, signed_in: Any, clock: Clock) -> None:
    for _ in range(3):  # by the store, by what was packed, by what is hot
        principal = auth.sessions.verify(signed_in.token.reveal(), permission="keys:manage", ip="192.0.2.7")
        assert (principal.kind, principal.id, principal.user_id) == ("session", signed_in.session.id, ada.id)
        assert (principal.account_id, principal.authenticated_at) == (ada.account_id, clock.now)
    assert signed_in.session.methods == ("password",)
    assert (signed_in.session.ip, signed_in.session.user_agent) == ("192.0.2.7", "tests/1")


def test_a_remembered_session_acts_for_the_same_as_one_that_is_read_but_for_the_time(
    auth: Any, signed_in: Any, clock: Clock
) -> None:
    token, session, role = signed_in.token.reveal(), signed_in.session, Permissions.parse("*:*")
    for fresh in (True, False, False, False):
        clock.advance(timedelta(microseconds=777_777))
        who = ("session", session.id, session.account_id, role, session.user_id)
        wanted = Principal(*who, session.authenticated_at, clock.now, methods=("password",))
        assert auth.sessions.verify(token, fresh=fresh) == wanted


def test_the_proof_of_a_remembered_session_grows_old(auth: Any, signed_in: Any, clock: Clock) -> None:
    token, within = signed_in.token.reveal(), timedelta(seconds=20)
    assert auth.sessions.verify(token).require_recent(within)
    clock.advance(within)
    assert auth.sessions.verify(token).require_recent(within)
    clock.advance(timedelta(microseconds=1))
    with pytest.raises(Exception, match="prove your identity again"):
        auth.sessions.verify(token).require_recent(within)


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "../", "x", None, 0, True, [], {}, b"plx_session_", "plx_session_" + "a" * 46]
)
def test_S02_what_is_no_token_of_ours_opens_nothing(auth: Any, signed_in: Any, text: Any) -> None:
    for call in (auth.sessions.verify, lambda one: auth.sign_in.reauthenticate(one, PASSWORD)):
        with pytest.raises(InvalidSession):
            call(text)
    auth.sign_in.out(text)
    assert auth.sessions.verify(signed_in.token.reveal())


def test_S08_a_token_of_one_kind_is_none_of_another(auth: Any, signed_in: Any) -> None:
    key = auth.keys.create(signed_in.user.account_id, name="CI")
    with pytest.raises(InvalidSession):
        auth.sessions.verify(key.secret.reveal())
    for text in (signed_in.token.reveal(), signed_in.session.id):
        with pytest.raises(Exception, match="API key"):
            auth.keys.verify(text)
        with pytest.raises(InvalidSession):
            auth.sessions.verify(signed_in.session.id)


def test_S05_a_session_ends_by_idling_and_is_not_touched_then(auth: Any, signed_in: Any, clock: Clock) -> None:
    token = signed_in.token.reveal()
    clock.advance(IDLE - SECOND)
    assert auth.sessions.verify(token)
    clock.advance(IDLE - SECOND)
    assert auth.sessions.verify(token)
    clock.advance(IDLE)
    for _ in range(3):
        with pytest.raises(ExpiredSession):
            auth.sessions.verify(token)
    clock.advance(-timedelta(days=1))
    clock.advance(timedelta(days=2))
    with pytest.raises(ExpiredSession):
        auth.sessions.verify(token)


def test_S06_no_use_makes_a_session_outlive_its_greatest_age(auth: Any, signed_in: Any, clock: Clock) -> None:
    token, steps = signed_in.token.reveal(), LIFETIME // (IDLE / 2)
    for _ in range(steps - 1):
        clock.advance(IDLE / 2)
        auth.sessions.verify(token)
    assert auth.sessions.page(signed_in.user.id).items[0].idles_at == signed_in.session.expires_at
    again = auth.sign_in.reauthenticate(token, PASSWORD)
    assert again.session.expires_at == signed_in.session.expires_at
    clock.advance(IDLE / 2)
    for text in (token, again.token.reveal()):
        with pytest.raises((ExpiredSession, InvalidSession)):
            auth.sessions.verify(text)


def test_S01_proving_oneself_again_gives_a_new_token_and_kills_the_old(auth: Any, signed_in: Any, clock: Clock) -> None:
    clock.advance(timedelta(minutes=20))
    again = auth.sign_in.reauthenticate(signed_in.token.reveal(), PASSWORD, client=HOME)
    with pytest.raises(InvalidSession):
        auth.sessions.verify(signed_in.token.reveal())
    assert auth.sessions.verify(again.token.reveal()).require_recent(SECOND)
    assert again.session.id != signed_in.session.id


def test_S01_of_many_who_prove_themselves_with_one_session_one_gets_the_new_one(auth: Any, signed_in: Any) -> None:
    def prove(_number: int) -> Any:
        try:
            return auth.sign_in.reauthenticate(signed_in.token.reveal(), PASSWORD, client=HOME)
        except Exception as error:
            return error.code  # type: ignore[attr-defined]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(prove, range(8)))
    assert len([one for one in found if not isinstance(one, str)]) == 1
    assert {one for one in found if isinstance(one, str)} <= {"conflict", "invalid_session"}
    assert len(auth.sessions.page(signed_in.user.id).items) == 1


def test_who_signs_out_is_out_at_once_and_twice_is_no_error(auth: Any, signed_in: Any) -> None:
    token = signed_in.token.reveal()
    assert auth.sessions.verify(token)
    for _ in range(2):
        auth.sign_in.out(token)
        with pytest.raises(InvalidSession):
            auth.sessions.verify(token)
    assert auth.sessions.page(signed_in.user.id).items == ()


@pytest.mark.parametrize("store_url", SHARED, indirect=True)
def test_a_session_that_was_ended_elsewhere_is_refused_here(
    auth: Any, store_url: str, signed_in: Any, opened: Callable[..., Any], settings: Any, clock: Clock
) -> None:
    elsewhere = opened("blocking", store_url, settings=settings, clock=clock)
    token = signed_in.token.reveal()
    for _ in range(3):
        assert auth.sessions.verify(token)
    assert elsewhere.sessions.revoke(signed_in.session.id).revoked_at == clock.now
    with pytest.raises(InvalidSession):
        auth.sessions.verify(token)


def test_S04_a_use_that_was_under_way_when_somebody_signed_out_revives_nothing(
    auth: Any, signed_in: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = signed_in.token.reveal()
    clock.advance(timedelta(minutes=10))  # so that the next use is written down
    commit, store = auth.world.store.commit, auth.world.store
    ended = Update("sessions", (equal("id", signed_in.session.id),), {"revoked_at": 1})

    async def late(*changes: Any) -> Any:
        await commit(ended)  # between the look at the session and that write
        return await commit(*changes)

    monkeypatch.setattr(store, "commit", late)
    with pytest.raises(InvalidSession):
        auth.sessions.verify(token)
    assert auth.sessions.page(signed_in.user.id).items == ()
    with pytest.raises(InvalidSession):
        auth.sessions.verify(token)


def test_S16_sessions_are_listed_by_handles_that_open_nothing(auth: Any, ada: Any, signed_in: Any) -> None:
    other = auth.sign_in.with_password(ada.email, PASSWORD, client=HOME)
    listed = auth.sessions.page(ada.id)
    assert {one.id for one in listed} == {signed_in.session.id, other.session.id}
    assert not any(text in repr(listed) for text in (signed_in.token.reveal(), other.token.reveal()))
    with pytest.raises(NotFound):
        auth.sessions.revoke(signed_in.session.id, user_id="usr_somebody_else")
    assert auth.sessions.verify(signed_in.token.reveal())


def test_S16_signing_out_everywhere_leaves_the_one_that_is_kept(auth: Any, ada: Any) -> None:
    many = [auth.sign_in.with_password(ada.email, PASSWORD, HOME) for _ in range(4)]
    assert auth.sessions.revoke_all(ada.id, keep=many[2].session.id) == 3
    assert [one.id for one in auth.sessions.page(ada.id)] == [many[2].session.id]
    assert auth.sessions.revoke_all(ada.id) == 1
    for one in many:
        with pytest.raises(InvalidSession):
            auth.sessions.verify(one.token.reveal())


def test_a_suspended_account_has_no_good_session_until_it_is_resumed(auth: Any, ada: Any, signed_in: Any) -> None:
    token = signed_in.token.reveal()
    assert auth.sessions.verify(token)
    auth.accounts.suspend(ada.account_id)
    with pytest.raises(AccountSuspended):
        auth.sessions.verify(token)
    with pytest.raises(AccountSuspended):
        auth.sign_in.with_password(ada.email, PASSWORD, client=HOME)
    auth.accounts.resume(ada.account_id)
    assert auth.sessions.verify(token)


def test_a_permission_that_the_role_lacks_is_refused(auth: Any) -> None:
    auth.users.create("viewer@example.com", PASSWORD, account_id="acct", role="viewer")
    token = auth.sign_in.with_password("viewer@example.com", PASSWORD, HOME).token.reveal()
    for _ in range(3):
        with pytest.raises(InsufficientPermissions):
            auth.sessions.verify(token, permission="models:write")
        assert auth.sessions.verify(token, permission="models:read")


def test_what_is_asked_in_a_wrong_form_is_refused(auth: Any, signed_in: Any) -> None:
    token = signed_in.token.reveal()
    for wrong in ({"permission": ""}, {"permission": 5}, {"permission": []}, {"ip": 5}, {"fresh": 1}):
        for _ in range(2):
            with pytest.raises(InvalidRequest):
                auth.sessions.verify(token, **wrong)


def test_each_decision_on_a_session_is_told_once(auth: Any, signed_in: Any) -> None:
    token = signed_in.token.reveal()
    for _ in range(3):
        auth.sessions.verify(token, ip="192.0.2.9")
    auth.sign_in.out(token)
    with pytest.raises(InvalidSession):
        auth.sessions.verify(token)
    with pytest.raises(InvalidSession):
        auth.sessions.verify("nonsense")
    auth.log.flush()
    told = [(one.outcome, one.code, one.session_id, one.ip) for one in auth.log.page(action="session.verify")]
    good = ("allowed", None, signed_in.session.id, "192.0.2.9")
    late = ("denied", "invalid_session", signed_in.session.id, None)
    assert sorted(told, key=str) == sorted([good] * 3 + [late, ("denied", "invalid_session", None, None)], key=str)
    assert auth.log.verify().ok


def test_S03_sessions_that_ended_long_ago_are_not_kept(auth: Any, ada: Any, signed_in: Any, clock: Clock) -> None:
    def kept() -> int:
        here = (equal("user_id", ada.id),)
        return len(done(auth, auth.world.store.page(Query("sessions", here, ("created_at", "id")))))

    clock.advance(LIFETIME + timedelta(days=89))
    auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    assert kept() == 2
    clock.advance(timedelta(days=1))
    auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    assert kept() == 2
