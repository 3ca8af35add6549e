"""Whoever changes what others may do has as much themselves, is somebody else, and is told of in the access log."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from plexe_auth import Conflict, InsufficientPermissions, InvalidSession, NotFound
from tests.people.conftest import HOME, PASSWORD
from tests.people.test_by_session import signed_in_as
from tests.people.test_invitations import outcome

ACCOUNT = "acct_42"
REFUSED = "insufficient_permissions"
CHANGES: dict[str, Any] = {
    "another role": lambda auth, user_id, by: auth.users.change_role(user_id, "viewer", by=by),
    "disable": lambda auth, user_id, by: auth.users.disable(user_id, by=by),
    "enable": lambda auth, user_id, by: auth.users.enable(user_id, by=by),
}
in_memory = pytest.mark.parametrize("store_url", ["memory"], indirect=True)
each_change = pytest.mark.parametrize("change", CHANGES)


def somebody(auth: Any, role: str, account_id: str = ACCOUNT) -> Any:
    return auth.users.create(f"some.{role}@example.com", PASSWORD, account_id=account_id, role=role)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("owner", {"owner", "admin", "member", "viewer"}),
        ("admin", {"admin", "member", "viewer"}),
        ("member", set()),
        ("viewer", set()),
    ],
)
@each_change
@in_memory
def test_P03_nobody_touches_who_has_more_than_they_have(auth: Any, who: str, may: set[str], change: str) -> None:
    by = signed_in_as(auth, who)
    for role in ("owner", "admin", "member", "viewer"):
        person = somebody(auth, role)
        found = outcome(CHANGES[change], auth, person.id, by)
        assert found == ("done" if role in may else REFUSED), role
        assert (auth.users.get(person.id) == person) is (role not in may or (change, role) in UNCHANGED)


UNCHANGED = {("another role", "viewer"), *(("enable", role) for role in ("owner", "admin", "member", "viewer"))}


@in_memory
def test_P03_nobody_gives_a_role_that_exceeds_their_own(auth: Any) -> None:
    by, person = signed_in_as(auth, "admin"), somebody(auth, "viewer")
    given = {role: outcome(auth.users.change_role, person.id, role, by=by) for role in ("member", "admin", "owner")}
    assert given == {"member": "done", "admin": "done", "owner": REFUSED}
    assert auth.users.get(person.id).role == "admin"


@each_change
@in_memory
def test_P03_a_key_changes_people_only_if_it_manages_them_and_never_beyond_itself(auth: Any, change: str) -> None:
    for permissions, may in (("*:*", {"owner", "viewer"}), ("read users:manage", {"viewer"}), ("read write", set())):
        by = auth.keys.verify(auth.keys.create(ACCOUNT, name="CI", permissions=permissions).secret.reveal())
        for role in ("owner", "viewer"):
            person = somebody(auth, role)
            assert outcome(CHANGES[change], auth, person.id, by) == ("done" if role in may else REFUSED)
            auth.users.delete(person.id)


@each_change
@in_memory
def test_K23_somebody_of_another_account_is_nobody(auth: Any, change: str) -> None:
    by, theirs = signed_in_as(auth, "owner"), somebody(auth, "viewer", "acct_other")
    told = []
    for user_id in (theirs.id, "usr_nobody"):
        with pytest.raises(NotFound) as refused:
            CHANGES[change](auth, user_id, by)
        told.append(refused.value.problem())
    assert told[0] == told[1]
    assert auth.users.get(theirs.id) == theirs


@each_change
@in_memory
def test_nobody_changes_themselves_so_that_somebody_owns_the_account(auth: Any, change: str) -> None:
    by = signed_in_as(auth, "owner")
    with pytest.raises(Conflict):
        CHANGES[change](auth, by.user_id, by)
    assert (auth.users.get(by.user_id).role, auth.users.get(by.user_id).status) == ("owner", "active")


@each_change
@in_memory
def test_K04_whoever_may_no_more_changes_nobody(auth: Any, change: str) -> None:
    by, person = signed_in_as(auth, "owner"), somebody(auth, "member")
    auth.users.change_role(by.user_id, "member")
    with pytest.raises(InsufficientPermissions):
        CHANGES[change](auth, person.id, by)
    auth.sessions.revoke(by.id)
    with pytest.raises(InvalidSession):
        CHANGES[change](auth, person.id, by)
    for odd in ("owner", False, 0, {}, object()):
        with pytest.raises(TypeError):
            CHANGES[change](auth, person.id, odd)
    assert auth.users.get(person.id) == person


@each_change
@in_memory
def test_who_asked_is_in_the_log_whether_they_had_their_way_or_not(auth: Any, change: str) -> None:
    by, lower = signed_in_as(auth, "owner"), signed_in_as(auth, "member")
    person = somebody(auth, "admin")
    CHANGES[change](auth, person.id, by)
    with pytest.raises(InsufficientPermissions):
        CHANGES[change](auth, person.id, lower)
    told = [one for one in auth.log.page(ACCOUNT, user_id=person.id).items if one.action != "user.create"]
    assert [(one.outcome, (one.detail or "").partition(":")[0]) for one in reversed(told)] == [
        ("allowed", f"by {by.id}"),
        ("denied", f"by {lower.id}"),
    ]


@pytest.mark.parametrize("change", ["another role", "disable"])
def test_of_two_owners_who_disown_each_other_one_stays(auth: Any, change: str) -> None:
    people = [auth.users.create(f"{name}@example.com", PASSWORD, account_id=ACCOUNT) for name in ("ada", "grace")]
    for person in people:
        auth.users.change_role(person.id, "owner")
    asking = [auth.sign_in.with_password(one.email, PASSWORD, HOME).token.reveal() for one in people]
    principals = [auth.sessions.verify(token) for token in asking]
    calls = [(people[1].id, principals[0]), (people[0].id, principals[1])]
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda one: outcome(CHANGES[change], auth, *one), calls))
    now = [auth.users.get(one.id) for one in people]
    assert found.count("done") == 1, found
    assert [(one.role, one.status) for one in now].count(("owner", "active")) == 1
