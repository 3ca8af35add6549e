"""A principal answers plainly, at once and without a store; a key is never a recent proof of a person."""

import copy
import datetime as dt
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import InsufficientPermissions, InvalidRequest, Permissions, Principal, ReauthenticationRequired
from plexe_auth.model.principal import ANONYMOUS
from tests.conftest import Clock

MINUTE = timedelta(minutes=1)
ZONES = [UTC, timezone(timedelta(hours=5, minutes=45))]
MORE = ("authenticated_at", "verified_at", "rotated_at", "retires_at")


def person(at: datetime) -> Principal:
    instants = [at - MINUTE * number for number in range(len(MORE))]
    return Principal("session", "s", "a", Permissions.parse("read"), "u", *instants, methods=("password", "totp"))


def test_what_it_may_do_is_asked_plainly_on_both_faces(quick: Any) -> None:
    principal = quick.keys.verify(quick.keys.create("acct", name="CI", permissions="models:read").secret.reveal())
    assert (principal.can("models:read"), principal.can("models:write"), principal.can("read")) == (True, False, False)
    assert principal.require("models:read") is principal
    with pytest.raises(InsufficientPermissions):
        principal.require("read")


@pytest.mark.parametrize("permission", ["", "READ", None, 5, ["read"], "read write"])
def test_what_is_no_permission_is_never_had(quick: Any, permission: Any) -> None:
    principal = quick.keys.verify(quick.keys.create("acct", name="CI", permissions="*:*").secret.reveal())
    for ask in (principal.can, principal.require):
        with pytest.raises(InvalidRequest):
            ask(permission)


def test_a_key_is_never_recent(quick: Any) -> None:
    principal = quick.keys.verify(quick.keys.create("acct", name="CI").secret.reveal())
    assert principal.authenticated_at is None
    with pytest.raises(ReauthenticationRequired):
        principal.require_recent(timedelta.max)


@pytest.mark.parametrize(
    ("since", "recent"), [(MINUTE, True), (timedelta(0), True), (MINUTE * 1.1, False), (-MINUTE, False)]
)
def test_a_persons_proof_is_recent_for_so_long(clock: Clock, since: timedelta, recent: bool) -> None:
    nobody = Permissions()
    person = Principal("session", "s", "a", nobody, "u", authenticated_at=clock.now - since, verified_at=clock.now)
    if recent:
        assert person.require_recent(MINUTE) is person
    else:
        with pytest.raises(ReauthenticationRequired):
            person.require_recent(MINUTE)


def test_frameworks_find_the_names_that_they_look_for() -> None:
    principal = Principal("key", "key_1", "acct", Permissions.parse("read"))
    names = ("is_authenticated", "display_name", "identity", "scopes")
    assert [getattr(principal, name) for name in names] == [True, "key_1", "key_1", principal.permissions]
    assert [getattr(ANONYMOUS, name) for name in names] == [False, "", "", Permissions()]
    assert "read" in principal.scopes
    assert "read" not in ANONYMOUS.scopes


@given(st.datetimes(datetime(1000, 1, 1), timezones=st.sampled_from(ZONES)))  # noqa: DTZ001 - bounds are naive
def test_it_tells_each_instant_that_it_was_given_to_the_microsecond(at: datetime) -> None:
    assert [getattr(person(at), name) for name in MORE] == [at - MINUTE * number for number in range(len(MORE))]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_copy_is_the_same_value_with_the_same_hash_and_text(clock: Clock, protocol: int) -> None:
    made = person(clock.now)
    for other in (pickle.loads(pickle.dumps(made, protocol)), copy.copy(made), copy.deepcopy(made)):
        assert type(other) is Principal
        assert (other, hash(other), repr(other)) == (made, hash(made), repr(made))
    assert made != person(clock.now + timedelta(microseconds=1))


def test_its_text_is_what_makes_it_again(clock: Clock) -> None:
    for made in (person(clock.now), Principal("key", "key_1", "acct", Permissions.parse("read"))):
        assert eval(repr(made), {"Principal": Principal, "Permissions": Permissions, "datetime": dt}) == made


@pytest.mark.parametrize("name", ["id", "account_id", "permissions", *MORE, "methods", "nonsense"])
def test_nothing_of_it_can_be_changed(clock: Clock, name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(person(clock.now), name, "other")
