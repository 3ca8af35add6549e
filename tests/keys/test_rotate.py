"""A rotated key hands over with an overlap: nothing is extended, nothing revived, and one of two rivals wins."""

from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import AccountSuspended, Conflict, ExpiredKey, InvalidRequest, NotFound, RevokedKey
from tests.conftest import Clock

HOUR = timedelta(hours=1)


def made(auth: Any, **terms: Any) -> Any:
    return auth.keys.create("acct", name="CI", **terms)


def test_K21_both_keys_work_until_the_overlap_ends_and_then_the_new_one_alone(auth: Any, clock: Clock) -> None:
    old = made(auth)
    new = auth.keys.rotate(old.key.id, overlap=HOUR)
    clock.advance(HOUR - timedelta(microseconds=1))
    assert auth.keys.verify(old.secret.reveal()).id == old.key.id
    assert auth.keys.verify(new.secret.reveal()).id == new.key.id
    clock.advance(timedelta(microseconds=1))
    with pytest.raises(RevokedKey):
        auth.keys.verify(old.secret.reveal())
    assert auth.keys.verify(new.secret.reveal()).id == new.key.id


def test_the_new_key_has_all_that_the_old_one_had(auth: Any, clock: Clock) -> None:
    terms = {"permissions": "models:read", "allowed_ips": ["::1"], "rate": "1/day", "metadata": {"a": ["é", 1, None]}}
    old = auth.keys.create("acct", name=" CI ", expires_in=2 * HOUR, **terms).key
    clock.advance(HOUR)
    new = auth.keys.rotate(old.id).key
    kept = ("account_id", "name", "permissions", "expires_at", "allowed_ips", "rate", "metadata", "family")
    assert [getattr(new, name) for name in kept] == [getattr(old, name) for name in kept]
    assert new.created_at == clock.now
    assert new.status(clock.now) == "active"
    assert auth.keys.get(new.id) == new


def test_the_old_key_tells_what_took_its_place(auth: Any, clock: Clock) -> None:
    old = made(auth)
    new = auth.keys.rotate(old.key.id)
    key = auth.keys.get(old.key.id)
    assert (key.rotated_to, key.rotated_at, key.retires_at) == (new.key.id, clock.now, clock.now + timedelta(hours=24))
    principal = auth.keys.verify(old.secret.reveal())
    assert (principal.rotated_at, principal.retires_at) == (key.rotated_at, key.retires_at)


def test_no_overlap_ends_the_old_key_at_once(quick: Any) -> None:
    old = made(quick)
    quick.keys.rotate(old.key.id, overlap=timedelta(0))
    with pytest.raises(RevokedKey):
        quick.keys.verify(old.secret.reveal())


def test_an_overlap_does_not_extend_an_expiring_key(auth: Any, clock: Clock) -> None:
    old = made(auth, expires_in=HOUR)
    new = auth.keys.rotate(old.key.id, overlap=9 * HOUR)
    clock.advance(HOUR)
    for issued in (old, new):
        with pytest.raises(ExpiredKey):
            auth.keys.verify(issued.secret.reveal())


def test_K21_a_key_that_is_not_fully_alive_is_not_rotated(auth: Any, clock: Clock) -> None:
    revoked, disabled, expired, rotated, retired = (
        made(auth, expires_in=None if place != 2 else HOUR).key.id for place in range(5)
    )
    auth.keys.revoke(revoked)
    auth.keys.disable(disabled)
    auth.keys.rotate(rotated, overlap=2 * HOUR)
    auth.keys.rotate(retired, overlap=HOUR)
    clock.advance(HOUR)
    before = auth.keys.page("acct").items
    for key_id in (revoked, disabled, expired, rotated, retired):
        with pytest.raises(Conflict):
            auth.keys.rotate(key_id)
    assert auth.keys.page("acct").items == before


def test_a_key_of_a_suspended_account_is_not_rotated(auth: Any) -> None:
    old = made(auth).key
    auth.accounts.suspend("acct")
    with pytest.raises(AccountSuspended):
        auth.keys.rotate(old.id)


def test_an_unknown_key_is_not_rotated(quick: Any) -> None:
    with pytest.raises(NotFound):
        quick.keys.rotate("key_unknown")


@pytest.mark.parametrize("overlap", [timedelta(microseconds=-1), timedelta.min, timedelta.max, None, 3600, 1.0, "1h"])
def test_an_overlap_is_a_span_that_is_not_negative(quick: Any, overlap: Any) -> None:
    key = made(quick).key
    with pytest.raises(InvalidRequest) as caught:
        quick.keys.rotate(key.id, overlap=overlap)
    assert caught.value.field == "overlap"
    assert quick.keys.page("acct").items == (key,)


def test_a_chain_of_rotations_is_one_family_with_one_rate(auth: Any) -> None:
    first = made(auth, rate="5/minute").key
    chain = [first]
    for _ in range(4):
        chain.append(auth.keys.rotate(chain[-1].id).key)
    assert {(key.family, key.rate) for key in chain} == {(first.family, "5/minute")}
    assert made(auth).key.family != first.family
    assert len({key.id for key in chain} | {key.hint for key in chain}) == 10


def test_revoking_one_of_a_pair_leaves_the_other(auth: Any) -> None:
    for which in (0, 1):
        old = made(auth)
        pair = [old, auth.keys.rotate(old.key.id)]
        auth.keys.revoke(pair[which].key.id)
        with pytest.raises(RevokedKey):
            auth.keys.verify(pair[which].secret.reveal())
        assert auth.keys.verify(pair[1 - which].secret.reveal()).id == pair[1 - which].key.id
