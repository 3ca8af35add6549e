"""Who is signed in manages keys with their role's powers as they are now, inside their own account."""

from typing import Any

import pytest

from plexe_auth import (
    AccountSuspended,
    AuthError,
    ExpiredSession,
    InsufficientPermissions,
    InvalidSession,
    NotFound,
    Principal,
)
from tests.conftest import Clock
from tests.people.conftest import HOME, PASSWORD
from tests.people.test_sessions import IDLE


def signed_in_as(auth: Any, role: str, account_id: str = "acct_42") -> Any:
    email = f"{role}@example.com"
    auth.users.create(email, PASSWORD, account_id=account_id, role=role)
    return auth.sessions.verify(auth.sign_in.with_password(email, PASSWORD, HOME).token.reveal())


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("admin", True), ("member", False), ("viewer", False)])
def test_P03_a_role_says_who_manages_keys(auth: Any, role: str, may: bool) -> None:
    by = signed_in_as(auth, role)
    if may:
        issued = auth.keys.create("acct_42", name="CI", by=by)
        assert auth.keys.rotate(issued.key.id, by=by).key.account_id == "acct_42"
        assert auth.keys.revoke(issued.key.id, by=by).revoked_at
        return
    key = auth.keys.create("acct_42", name="CI").key
    for call in (
        lambda: auth.keys.create("acct_42", name="CI", by=by),
        lambda: auth.keys.revoke(key.id, by=by),
        lambda: auth.keys.update(key.id, name="other", by=by),
    ):
        with pytest.raises(InsufficientPermissions):
            call()


def test_K02_nobody_gives_a_key_more_than_their_role_has(auth: Any) -> None:
    admin, owner = signed_in_as(auth, "admin"), signed_in_as(auth, "owner")
    with pytest.raises(InsufficientPermissions):
        auth.keys.create("acct_42", name="CI", permissions="*:*", by=admin)
    assert auth.keys.create("acct_42", name="CI", permissions="*:*", by=owner)


def test_K23_a_key_of_another_account_is_none_to_whoever_is_signed_in(auth: Any) -> None:
    owner, other = signed_in_as(auth, "owner"), auth.keys.create("acct_other", name="CI").key
    for call in (auth.keys.revoke, auth.keys.disable, auth.keys.rotate):
        with pytest.raises(NotFound):
            call(other.id, by=owner)


@pytest.mark.parametrize(
    ("act", "refused"),
    [
        (lambda auth, by, clock: auth.sessions.revoke(by.id), InvalidSession),
        (lambda auth, by, clock: auth.users.disable(by.user_id), InvalidSession),
        (lambda auth, by, clock: auth.users.delete(by.user_id), InvalidSession),
        (lambda auth, by, clock: auth.users.change_role(by.user_id, "member"), InsufficientPermissions),
        (lambda auth, by, clock: auth.accounts.suspend(by.account_id), AccountSuspended),
        (lambda auth, by, clock: clock.advance(IDLE), ExpiredSession),
    ],
    ids=["revoked", "disabled", "deleted", "another role", "suspended", "idle"],
)
def test_K04_whoever_is_signed_in_no_more_manages_no_key(
    auth: Any, clock: Clock, act: Any, refused: type[AuthError]
) -> None:
    by, key = signed_in_as(auth, "owner"), auth.keys.create("acct_42", name="CI").key
    act(auth, by, clock)
    with pytest.raises(refused):
        auth.keys.update(key.id, name="other", by=by)
    assert auth.keys.get(key.id).name == "CI"


def test_a_session_that_nobody_began_manages_nothing(auth: Any) -> None:
    key = auth.keys.create("acct_42", name="CI").key
    by = signed_in_as(auth, "owner")
    for odd in ("ses_unknown", "", "\0", key.id):
        forged = Principal("session", odd, "acct_42", by.permissions, by.user_id)
        with pytest.raises(InvalidSession):
            auth.keys.revoke(key.id, by=forged)
