"""Whoever invites gives no more than they have, in their own account, and learns nothing of whom they ask."""

from typing import Any

import pytest

from plexe_auth import (
    AccountSuspended,
    Auth,
    AuthError,
    Client,
    ConfigurationError,
    InsufficientPermissions,
    InvalidRequest,
    InvalidSession,
    NotFound,
    Principal,
    RateLimitExceeded,
    RevokedKey,
)
from plexe_auth.model.budget import LETTERS_TO
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.people.conftest import HOME, PASSWORD
from tests.people.test_by_session import signed_in_as
from tests.people.test_invitations import GRACE, LAB, OTHER, TICK, WORD, in_memory, invited, outcome


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("owner", {"owner", "admin", "member", "viewer"}),
        ("admin", {"admin", "member", "viewer"}),
        ("member", set()),
        ("viewer", set()),
    ],
)
@in_memory
def test_P03_nobody_gives_a_role_that_exceeds_their_own(
    auth: Any, mailbox: Mailbox, clock: Clock, who: str, may: set[str]
) -> None:
    by = signed_in_as(auth, who)
    for role in ("owner", "admin", "member", "viewer"):
        email = f"invited-{role}@example.com"
        found = outcome(auth.invitations.create, LAB, email, role=role, by=by)
        assert found == ("done" if role in may else "insufficient_permissions")
    assert {one.role for one in auth.invitations.page(LAB)} == may
    assert len(mailbox) == len(may)


@pytest.mark.parametrize(
    ("permissions", "may"),
    [
        ("*:*", {"owner", "admin", "member", "viewer"}),
        ("read write users:manage", {"member", "viewer"}),
        ("users:* read", {"viewer"}),
        ("users:manage", set()),
        ("read write keys:manage", set()),
        ("read write users:write", set()),
    ],
)
@in_memory
def test_P03_a_key_invites_only_if_it_manages_users_and_never_beyond_itself(
    auth: Any, permissions: str, may: set[str]
) -> None:
    issued = auth.keys.create(LAB, name="CI", permissions=permissions)
    by = auth.keys.verify(issued.secret.reveal())
    for role in ("owner", "admin", "member", "viewer"):
        found = outcome(auth.invitations.create, LAB, f"invited-{role}@example.com", role=role, by=by)
        assert found == ("done" if role in may else "insufficient_permissions")
    assert {one.invited_by for one in auth.invitations.page(LAB)} <= {issued.key.id}


@in_memory
def test_H16_another_account_is_none_to_whoever_asks(auth: Any, mailbox: Mailbox) -> None:
    by = signed_in_as(auth, "owner")
    theirs = auth.invitations.create(OTHER, GRACE)
    told = []
    for call in (
        lambda: auth.invitations.create(OTHER, "x@example.com", by=by),
        lambda: auth.invitations.create("acct_that_nobody_has", "x@example.com", by=by),
        lambda: auth.invitations.revoke(theirs.id, by=by),
        lambda: auth.invitations.revoke("inv_" + "0" * 22, by=by),
    ):
        with pytest.raises(NotFound) as refused:
            call()
        told.append(refused.value.problem())
    assert told == told[:1] * 4
    assert auth.invitations.page(OTHER).items == (theirs,)
    assert len(mailbox) == 1


@pytest.mark.parametrize(
    ("act", "refused"),
    [
        (lambda auth, by: auth.sessions.revoke(by.id), InvalidSession),
        (lambda auth, by: auth.users.disable(by.user_id), InvalidSession),
        (lambda auth, by: auth.users.change_role(by.user_id, "member"), InsufficientPermissions),
        (lambda auth, by: auth.accounts.suspend(by.account_id), AccountSuspended),
    ],
    ids=["revoked", "disabled", "another role", "suspended"],
)
@in_memory
def test_K04_whoever_may_no_more_invites_and_revokes_nobody(
    auth: Any, mailbox: Mailbox, act: Any, refused: type[AuthError]
) -> None:
    by, standing = signed_in_as(auth, "owner"), auth.invitations.create(LAB, GRACE)
    act(auth, by)
    for call in (
        lambda: auth.invitations.create(LAB, "x@example.com", by=by),
        lambda: auth.invitations.revoke(standing.id, by=by),
    ):
        with pytest.raises(refused):
            call()
    assert auth.invitations.page(LAB).items == (standing,)
    assert len(mailbox) == 1


@in_memory
def test_K04_a_revoked_key_and_what_is_no_principal_invite_nobody(auth: Any, mailbox: Mailbox) -> None:
    issued = auth.keys.create(LAB, name="CI", permissions="*:*")
    by = auth.keys.verify(issued.secret.reveal())
    auth.keys.revoke(issued.key.id)
    with pytest.raises(RevokedKey):
        auth.invitations.create(LAB, GRACE, by=by)
    forged = Principal("session", "ses_unknown", LAB, by.permissions, "usr_unknown")
    with pytest.raises(InvalidSession):
        auth.invitations.create(LAB, GRACE, by=forged)
    for odd in ("owner", False, 0, {}, object()):
        with pytest.raises(TypeError):
            auth.invitations.create(LAB, GRACE, by=odd)
        with pytest.raises(TypeError):
            auth.invitations.revoke("inv_unknown", by=odd)
    assert len(mailbox) == 0


@pytest.mark.parametrize("act", ["disable", "delete"])
@in_memory
def test_an_invitation_stays_good_when_whoever_asked_is_gone(auth: Any, mailbox: Mailbox, act: str) -> None:
    by = signed_in_as(auth, "admin")
    token = invited(auth, mailbox, role="admin", by=by)
    getattr(auth.users, act)(by.user_id)
    assert auth.invitations.look(token).invited_by == by.user_id
    assert auth.invitations.accept(token, WORD).user.role == "admin"


@in_memory
def test_whoever_is_signed_in_revokes_in_their_own_account(auth: Any, mailbox: Mailbox) -> None:
    admin, member = signed_in_as(auth, "admin"), signed_in_as(auth, "member")
    standing = auth.invitations.create(LAB, GRACE, role="owner")
    with pytest.raises(InsufficientPermissions):
        auth.invitations.revoke(standing.id, by=member)
    auth.invitations.revoke(standing.id, by=admin)
    assert outcome(auth.invitations.accept, mailbox.token(), WORD) == "invalid_credentials"


@in_memory
def test_S18_a_letter_names_who_asks_and_what_for_but_no_address(auth: Any, mailbox: Mailbox) -> None:
    ada = auth.users.create("ada@example.com", PASSWORD, account_id=LAB, name="Ada <b>", role="owner")
    by = auth.sessions.verify(auth.sign_in.with_password(ada.email, PASSWORD, HOME).token.reveal())
    auth.invitations.create(LAB, GRACE, organisation="evil.example/win", by=by)
    assert "Ada <b> invites you to join evil. example/ win on Example." in mailbox.last().text
    assert "<b>" not in mailbox.last().html
    assert len(mailbox.links()) == 1
    nameless = signed_in_as(auth, "admin")
    for other in (nameless, None):
        auth.invitations.create(LAB, GRACE, by=other)
        assert "Somebody invites you to join their organisation on Example." in mailbox.last().text
        assert "admin@" not in mailbox.last().text


@in_memory
def test_L09_what_is_no_plain_address_is_not_invited(auth: Any, mailbox: Mailbox) -> None:
    odd: tuple[Any, ...] = ("", None, 7, True, [], [GRACE], {}, "\0", "a@x", "a b@x.example", "x" * 100_000)
    lists = ("a@x.example,b@y.example", "a@x.example\nbcc:b@y.example", "<a@x.example>", "A <a@x.example>")
    for email in (*odd, *lists, "a@x.example\r\n", "ſ@x.example", "a@ſ.example"):
        with pytest.raises(InvalidRequest) as refused:
            auth.invitations.create(LAB, email)
        assert refused.value.field == "email"
    assert len(mailbox) == 0
    assert auth.invitations.page(LAB).items == ()


@in_memory
def test_L10_what_is_of_no_sensible_type_is_refused_by_name(auth: Any, mailbox: Mailbox) -> None:
    standing = auth.invitations.create(LAB, GRACE)
    for odd in (None, "", 0, True, [], {}, b"x", "\0", "\ud800", "x" * 256):
        with pytest.raises(InvalidRequest, match="account_id"):
            auth.invitations.create(odd, GRACE)
        with pytest.raises(InvalidRequest, match="account_id"):
            auth.invitations.page(odd)
        with pytest.raises(InvalidRequest, match="role"):
            auth.invitations.create(LAB, GRACE, role=odd)
        with pytest.raises(NotFound):
            auth.invitations.revoke(odd)
    for odd in (None, 0, [], "\0", "x" * 256):
        with pytest.raises(InvalidRequest, match="organisation"):
            auth.invitations.create(LAB, GRACE, organisation=odd)
    for odd in (0, -1, 201, True, "1", None):
        with pytest.raises(InvalidRequest, match="limit"):
            auth.invitations.page(LAB, limit=odd)
    for odd in ("", "x", 7, "1.inv_x", []):
        with pytest.raises(InvalidRequest, match="after"):
            auth.invitations.page(LAB, after=odd)
    assert auth.invitations.page(LAB).items == (standing,)
    assert len(mailbox) == 1


@in_memory
def test_L16_nobody_floods_a_mailbox_by_invitations(auth: Any, mailbox: Mailbox) -> None:
    member = signed_in_as(auth, "member")
    for number in range(LETTERS_TO.limit):
        with pytest.raises(InsufficientPermissions):
            auth.invitations.create(LAB, GRACE, by=member)
        auth.invitations.create(f"acct_{number}", GRACE.upper() if number % 2 else GRACE)
    for call in (
        lambda: auth.invitations.create(LAB, GRACE),
        lambda: auth.users.register(GRACE, PASSWORD, client=Client("198.51.100.7")),
    ):
        with pytest.raises(RateLimitExceeded):
            call()
    assert len(mailbox) == LETTERS_TO.limit
    assert auth.invitations.page(LAB).items == ()


def test_invitations_are_listed_newest_first_and_by_account(auth: Any, clock: Clock) -> None:
    for number in range(5):
        clock.advance(TICK)
        auth.invitations.create(LAB, f"number{number}@example.com")
        auth.invitations.create(OTHER, f"other{number}@example.com")
    seen, after = [], None
    while True:
        page = auth.invitations.page(LAB, after=after, limit=2)
        seen += [one.email.partition("@")[0] for one in page]
        after = page.next
        if after is None:
            break
    assert seen == [f"number{number}" for number in (4, 3, 2, 1, 0)]


def test_without_a_mailer_nobody_is_invited() -> None:
    with Auth.open("memory://") as auth:
        with pytest.raises(ConfigurationError, match="mailer"):
            auth.invitations.create(LAB, GRACE)
        assert auth.invitations.page(LAB).items == ()
