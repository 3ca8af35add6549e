"""People are made once for each address, found however it is written, and signed out when they may sign in no more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import (
    AuthError,
    Conflict,
    InvalidCredentials,
    InvalidRequest,
    InvalidSession,
    NotFound,
    RateLimitExceeded,
)
from plexe_auth.model.budget import CHANGES
from tests.conftest import Clock
from tests.people.conftest import HOME, PASSWORD

OTHER = "another long lovely word"
ODD: list[Any] = [None, "", 0, 1, True, [], {}, b"ada@example.com", "x" * 100_000, "a\0@b.example", "\ud800@b.example"]


def test_a_user_is_as_they_were_made(auth: Any, ada: Any, clock: Clock) -> None:
    assert (ada.email, ada.name, ada.role, ada.status, ada.has_password) == (
        "Ada@example.com",
        "Ada",
        "owner",
        "active",
        True,
    )
    assert (ada.created_at, ada.verified_at, ada.disabled_at) == (clock.now, None, None)
    assert auth.users.get(ada.id) == ada
    assert auth.users.find("ADA@EXAMPLE.COM") == ada


def test_L08_at_most_one_user_has_an_address_however_it_is_written(auth: Any, ada: Any) -> None:
    for email in ("ada@example.com", "ADA@example.com", "Ada@EXAMPLE.com"):
        with pytest.raises(Conflict):
            auth.users.create(email, PASSWORD)
    assert auth.users.page(ada.account_id).items == (ada,)


def test_L08_of_many_who_take_an_address_at_once_one_gets_it(auth: Any) -> None:
    def take(number: int) -> Any:
        try:
            return auth.users.create("grace@example.com" if number % 2 else "Grace@example.com", PASSWORD)
        except Conflict:
            return None

    with ThreadPoolExecutor(16) as threads:
        assert len([one for one in threads.map(take, range(16)) if one]) == 1


def test_the_first_of_an_account_owns_it_and_others_are_members(auth: Any) -> None:
    first, second = (auth.users.create(f"{name}@example.com", PASSWORD, account_id="acct_42") for name in "ab")
    viewer = auth.users.create("c@example.com", PASSWORD, account_id="acct_42", role="viewer")
    assert [one.role for one in (first, second, viewer)] == ["owner", "member", "viewer"]
    assert [one.id for one in auth.users.page("acct_42")] == [viewer.id, second.id, first.id]


def test_users_are_given_in_pages(auth: Any, clock: Clock) -> None:
    made = []
    for number in range(5):
        clock.advance(timedelta(seconds=1))
        made.append(auth.users.create(f"u{number}@example.com", None, account_id="acct"))
    first = auth.users.page("acct", limit=3)
    rest = auth.users.page("acct", after=first.next, limit=3)
    assert [*first, *rest] == made[::-1]
    assert rest.next is None
    other = auth.users.create("other@example.com", None)
    assert {one.id for one in auth.users.page()} == {other.id, *(one.id for one in made)}


@pytest.mark.parametrize(
    "odd", ODD, ids=lambda one: str(type(one).__name__) + str(one)[:12].encode("unicode_escape").decode()
)
def test_L10_what_is_no_address_or_password_or_id_is_refused(auth: Any, ada: Any, odd: Any) -> None:
    refused: list[tuple[Any, ...]] = [
        (auth.users.create, odd, PASSWORD),
        (auth.users.find, odd),
    ]
    if odd is not None:
        refused += [(auth.users.create, "b@example.com", odd)]
        refused += [(auth.users.create, "b@example.com", PASSWORD, None, "Grace", odd)]
    for call, *arguments in refused:
        with pytest.raises(InvalidRequest):
            call(*arguments)
    for verb in (auth.users.get, auth.users.disable, auth.users.enable, auth.users.delete):
        with pytest.raises(NotFound):
            verb(odd)
    assert auth.users.page(ada.account_id).items == (ada,)


@pytest.mark.parametrize("password", ["short", "x" * 14, "x" * 1025, "passwordpassword", "ada ada ada ada ada"])
def test_L07_a_short_common_or_telling_password_is_refused_and_nobody_is_made(auth: Any, password: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        auth.users.create("ada@example.com", password, name="Ada")
    assert refused.value.field == "password"
    with pytest.raises(NotFound):
        auth.users.find("ada@example.com")


def test_L22_whoever_changes_their_password_is_signed_out_everywhere_else(auth: Any, ada: Any) -> None:
    here, there = (auth.sign_in.with_password(ada.email, PASSWORD, HOME) for _ in range(2))
    auth.users.change_password(ada.id, PASSWORD, OTHER, keep=here.session.id)
    assert auth.sessions.verify(here.token.reveal()).user_id == ada.id
    with pytest.raises(InvalidSession):
        auth.sessions.verify(there.token.reveal())
    with pytest.raises(InvalidCredentials):
        auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    assert auth.sign_in.with_password(ada.email, OTHER, HOME).user.id == ada.id


def test_a_password_is_changed_by_whoever_knows_it_alone(auth: Any, ada: Any) -> None:
    for wrong in (OTHER, "", None, 0, [], "x" * 5000):
        with pytest.raises(InvalidCredentials):
            auth.users.change_password(ada.id, wrong, OTHER)
    with pytest.raises(InvalidRequest):
        auth.users.change_password(ada.id, PASSWORD, "short")
    assert auth.sign_in.with_password(ada.email, PASSWORD, HOME)


def test_a_stolen_session_is_no_place_to_guess_the_password(auth: Any, ada: Any, signed_in: Any, clock: Clock) -> None:
    for _ in range(CHANGES.limit):
        with pytest.raises(InvalidCredentials):
            auth.users.change_password(ada.id, "not the word that it is", OTHER, keep=signed_in.session.id)
    with pytest.raises(RateLimitExceeded) as refused:
        auth.users.change_password(ada.id, PASSWORD, OTHER)
    assert auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    clock.advance(timedelta(seconds=refused.value.retry_after or 0))
    assert auth.users.change_password(ada.id, PASSWORD, OTHER)


def test_a_disabled_user_is_signed_out_and_not_let_in_until_enabled(auth: Any, ada: Any, signed_in: Any) -> None:
    since = auth.users.disable(ada.id).disabled_at
    assert auth.users.disable(ada.id).disabled_at == since
    for call in (
        lambda: auth.sessions.verify(signed_in.token.reveal()),
        lambda: auth.sign_in.with_password(ada.email, PASSWORD, HOME),
        lambda: auth.sign_in.reauthenticate(signed_in.token.reveal(), PASSWORD),
    ):
        with pytest.raises((InvalidSession, InvalidCredentials)):
            call()
    assert auth.users.enable(ada.id).status == "active"
    with pytest.raises(InvalidSession):
        auth.sessions.verify(signed_in.token.reveal())
    assert auth.sign_in.with_password(ada.email, PASSWORD, HOME)


def test_a_deleted_user_is_gone_and_their_address_is_free(auth: Any, ada: Any, signed_in: Any) -> None:
    auth.users.delete(ada.id)
    for call in (lambda: auth.users.get(ada.id), lambda: auth.users.find(ada.email), lambda: auth.users.delete(ada.id)):
        with pytest.raises(NotFound):
            call()
    with pytest.raises(InvalidSession):
        auth.sessions.verify(signed_in.token.reveal())
    assert auth.users.create(ada.email, PASSWORD).id != ada.id
    with pytest.raises(InvalidSession):
        auth.sessions.verify(signed_in.token.reveal())


def test_another_role_holds_for_sessions_that_go_on(auth: Any, ada: Any, signed_in: Any) -> None:
    token = signed_in.token.reveal()
    assert auth.sessions.verify(token, permission="models:write")
    assert auth.users.change_role(ada.id, "viewer").role == "viewer"
    with pytest.raises(AuthError) as refused:
        auth.sessions.verify(token, permission="models:write")
    assert refused.value.code == "insufficient_permissions"
    assert auth.sessions.verify(token, permission="models:read")


def test_what_is_done_with_users_is_told_in_the_access_log(auth: Any, ada: Any) -> None:
    auth.users.change_role(ada.id, "admin")
    auth.users.disable(ada.id)
    auth.users.enable(ada.id)
    auth.users.change_password(ada.id, PASSWORD, OTHER)
    auth.users.delete(ada.id)
    told = [(one.action, one.outcome, one.user_id) for one in auth.log.page(user_id=ada.id)]
    done = ("delete", "change_password", "enable", "disable", "change_role", "create")
    assert sorted(told) == sorted((f"user.{verb}", "allowed", ada.id) for verb in done)
