"""Who acts in a principal's name stays inside its account and within what it has, as the store knows it by then."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import (
    AccountSuspended,
    AuthError,
    Conflict,
    DisabledKey,
    ExpiredKey,
    InsufficientPermissions,
    InvalidKey,
    InvalidSession,
    NotFound,
    Permissions,
    Principal,
    RevokedKey,
)
from plexe_auth.model.principal import ANONYMOUS
from tests.conftest import Clock
from tests.keys.watch import Watch

HOUR = timedelta(hours=1)
MANAGER = "read keys:manage"


def principal(auth: Any, permissions: str = MANAGER, account: str = "acct", **terms: Any) -> Any:
    """The principal of a new key, bound to no address at the time it is verified."""
    issued = auth.keys.create(account, name="manager", permissions=permissions, **terms)
    ip = next((one.partition("/")[0] for one in issued.key.allowed_ips), None)
    return auth.keys.verify(issued.secret.reveal(), ip=ip)


def operations(auth: Any, key_id: str) -> dict[str, Callable[[Any], Any]]:
    """Every operation on a key that takes `by`, ready to be called with it."""
    return {
        "update": lambda by: auth.keys.update(key_id, name="other", by=by),
        "rotate": lambda by: auth.keys.rotate(key_id, by=by),
        "revoke": lambda by: auth.keys.revoke(key_id, by=by),
        "disable": lambda by: auth.keys.disable(key_id, by=by),
        "enable": lambda by: auth.keys.enable(key_id, by=by),
    }


def all_operations(auth: Any, account: str, key_id: str) -> dict[str, Callable[[Any], Any]]:
    create = {"create": lambda by: auth.keys.create(account, name="child", by=by)}
    return create | operations(auth, key_id)


@pytest.mark.parametrize(
    "permissions", ["", "read", "read write", "*:read *:write", "keys:read keys:write", "manage:keys"]
)
def test_K02_a_key_that_may_not_manage_keys_does_nothing_to_any(quick: Any, permissions: str) -> None:
    by = principal(quick, permissions)
    key = quick.keys.create("acct", name="CI", permissions="").key
    for ask in all_operations(quick, "acct", key.id).values():
        with pytest.raises(InsufficientPermissions):
            ask(by)
    assert quick.keys.get(key.id) == key
    assert len(quick.keys.page("acct").items) == 2


@pytest.mark.parametrize("permissions", ["keys:manage read", "keys:* read", "*:manage read", "*:*"])
def test_K02_what_covers_keys_manage_suffices(quick: Any, permissions: str) -> None:
    by = principal(quick, permissions)
    for name in all_operations(quick, "acct", ""):
        key = quick.keys.create("acct", name="CI").key
        assert all_operations(quick, "acct", key.id)[name](by) is not None


@pytest.mark.parametrize(
    ("asked", "excess"),
    [
        ({"permissions": "read write"}, "permissions"),
        ({"permissions": "models:write"}, "permissions"),
        ({"permissions": "*:*"}, "permissions"),
        ({"expires_in": 2 * HOUR + timedelta(microseconds=1)}, "expires_at"),
        ({"allowed_ips": ["10.0.0.0/7"]}, "allowed_ips"),
        ({"allowed_ips": ["10.1.0.0/16", "192.0.2.1"]}, "allowed_ips"),
        ({"rate": "101/minute; 5000/day"}, "rate"),
        ({"rate": "100/minute"}, "rate"),
        ({"rate": "1/second"}, "rate"),
    ],
)
def test_K02_asking_for_more_than_one_has_is_refused_and_never_cut(
    quick: Any, asked: dict[str, Any], excess: str
) -> None:
    by = principal(quick, expires_in=2 * HOUR, allowed_ips=["10.0.0.0/8"], rate="100/minute; 5000/day")
    with pytest.raises(InsufficientPermissions, match=excess):
        quick.keys.create("acct", name="child", by=by, **asked)
    assert len(quick.keys.page("acct").items) == 1


def test_K02_a_key_for_nothing_but_managing_makes_no_key_that_reads(quick: Any) -> None:
    by = principal(quick, "keys:manage")
    with pytest.raises(InsufficientPermissions):
        quick.keys.create("acct", name="child", by=by)
    assert list(quick.keys.create("acct", name="child", permissions="keys:manage", by=by).key.permissions)


def test_K02_what_a_child_leaves_out_it_has_from_its_parent(auth: Any, clock: Clock) -> None:
    by = principal(auth, expires_in=HOUR, allowed_ips=["10.0.0.0/8"], rate="100/minute")
    child = auth.keys.create("acct", name="child", by=by).key
    assert (child.expires_at, child.allowed_ips, child.rate) == (clock.now + HOUR, ("10.0.0.0/8",), "100/minute")
    assert child == auth.keys.get(child.id)


def test_K02_a_child_may_be_narrower_than_its_parent(auth: Any, clock: Clock) -> None:
    by = principal(auth, expires_in=2 * HOUR, allowed_ips=["10.0.0.0/8"], rate="100/minute")
    asked = {"permissions": "models:read", "allowed_ips": ["::ffff:10.1.0.0/112"], "rate": "9/minute; 5/second"}
    child = auth.keys.create("acct", name="child", expires_in=HOUR, by=by, **asked).key
    assert child.permissions == Permissions.parse("models:read")
    assert (child.expires_at, child.allowed_ips, child.rate) == (
        clock.now + HOUR,
        ("::ffff:10.1.0.0/112",),
        "9/minute; 5/second",
    )


@pytest.mark.parametrize(
    "named",
    [
        {"permissions": "read write"},
        {"expires_at": None},
        {"allowed_ips": ()},
        {"allowed_ips": ["0.0.0.0/0"]},
        {"rate": None},
        {"rate": "101/minute"},
    ],
)
def test_K02_no_key_is_changed_into_more_than_one_has(quick: Any, named: dict[str, Any]) -> None:
    by = principal(quick, expires_in=HOUR, allowed_ips=["10.0.0.0/8"], rate="100/minute")
    child = quick.keys.create("acct", name="child", permissions="models:read", by=by).key
    with pytest.raises(InsufficientPermissions):
        quick.keys.update(child.id, by=by, **named)
    assert quick.keys.get(child.id) == child


def test_K02_a_stronger_key_is_not_widened_by_a_value_that_one_has_oneself(auth: Any, clock: Clock) -> None:
    by = principal(auth, "read write keys:manage", expires_in=HOUR)
    endless = auth.keys.create("acct", name="endless", permissions="models:read").key
    with pytest.raises(InsufficientPermissions):
        auth.keys.update(endless.id, permissions="read", by=by)
    narrowed = auth.keys.update(endless.id, permissions="", rate="1/day", by=by)
    assert (list(narrowed.permissions), narrowed.rate) == ([], "1/day")
    ended = auth.keys.update(endless.id, permissions="read", expires_at=clock.now + HOUR, by=by)
    assert ended.permissions == Permissions.parse("read")


def test_K02_a_stronger_key_may_be_renamed_disabled_and_revoked_but_not_handed_on(auth: Any) -> None:
    by = principal(auth)
    strong = auth.keys.create("acct", name="strong", permissions="*:*").key
    assert auth.keys.update(strong.id, name="other", metadata={"a": 1}, by=by).name == "other"
    for refused in (auth.keys.rotate, auth.keys.enable):
        with pytest.raises(InsufficientPermissions):
            refused(strong.id, by=by)
    auth.keys.disable(strong.id, by=by)
    with pytest.raises(InsufficientPermissions):
        auth.keys.enable(strong.id, by=by)
    assert auth.keys.revoke(strong.id, by=by).revoked_at is not None


@pytest.mark.parametrize("terms", [{"expires_in": HOUR}, {"allowed_ips": ["10.0.0.1"]}, {"rate": "1/day"}])
def test_K02_a_bounded_key_rotates_no_unbounded_one(quick: Any, terms: dict[str, Any]) -> None:
    by = principal(quick, **terms)
    unbounded = quick.keys.create("acct", name="unbounded").key
    with pytest.raises(InsufficientPermissions):
        quick.keys.rotate(unbounded.id, by=by)
    assert quick.keys.get(unbounded.id) == unbounded


def test_K03_no_chain_of_children_and_rotations_outlives_its_first_key(auth: Any, clock: Clock) -> None:
    end = clock.now + HOUR
    by = principal(auth, expires_in=HOUR)
    for _ in range(6):
        clock.advance(timedelta(minutes=5))
        child = auth.keys.create("acct", name="child", permissions=MANAGER, by=by)
        heir = auth.keys.rotate(child.key.id, overlap=timedelta(days=9), by=by)
        for key in (child.key, heir.key):
            assert key.expires_at == end
            for later in (None, end + timedelta(microseconds=1)):
                with pytest.raises(InsufficientPermissions):
                    auth.keys.update(key.id, expires_at=later, by=by)
        by = auth.keys.verify(heir.secret.reveal())
    clock.now = end
    with pytest.raises(ExpiredKey):
        auth.keys.create("acct", name="child", by=by)


def test_K03_a_rotated_parent_bounds_its_children_by_the_end_of_its_overlap(auth: Any, clock: Clock) -> None:
    by = principal(auth)
    auth.keys.rotate(by.id, overlap=HOUR)
    child = auth.keys.create("acct", name="child", by=by).key
    assert child.expires_at == clock.now + HOUR
    with pytest.raises(InsufficientPermissions):
        auth.keys.create("acct", name="child", expires_in=HOUR + timedelta(microseconds=1), by=by)
    clock.advance(HOUR)
    with pytest.raises(RevokedKey):
        auth.keys.create("acct", name="child", by=by)


def standing(auth: Any, clock: Clock, fault: str, by: Any) -> type[AuthError]:
    """Let something befall the key of `by` after it was verified, and say how it is refused from then on."""
    if fault == "revoked":
        auth.keys.revoke(by.id)
        return RevokedKey
    if fault == "disabled":
        auth.keys.disable(by.id)
        return DisabledKey
    if fault == "suspended":
        auth.accounts.suspend(by.account_id)
        return AccountSuspended
    if fault == "narrowed":
        auth.keys.update(by.id, permissions="read")
        return InsufficientPermissions
    clock.advance(HOUR)
    return ExpiredKey


def test_K02_what_befell_a_key_since_it_was_verified_counts(
    auth: Any, clock: Clock, watched: Callable[[Any], Watch]
) -> None:
    for fault in ("revoked", "disabled", "suspended", "narrowed", "expired"):
        by = principal(auth, account=fault, expires_in=HOUR)
        key = auth.keys.create(fault, name="CI").key
        refused = standing(auth, clock, fault, by)
        watch = watched(auth)
        for ask in all_operations(auth, fault, key.id).values():
            with pytest.raises(refused):
                ask(by)
        assert watch.count("commit") == 0


@pytest.mark.parametrize("by", [False, 0, "", (), [], {}, b"", 0.0, True, 1, "key_1", object(), ANONYMOUS])
def test_what_is_neither_none_nor_a_principal_is_a_type_error(
    quick: Any, watched: Callable[[Any], Watch], by: Any
) -> None:
    key = quick.keys.create("acct", name="CI").key
    watch = watched(quick)
    for ask in all_operations(quick, "acct", key.id).values():
        with pytest.raises(TypeError):
            ask(by)
    assert watch.asked == []


@pytest.mark.parametrize("key_id", ["key_none", "", "\0", "\ud800", "é", "k" * 10_000, None, 5, b"key"])
def test_a_principal_of_no_key_that_we_know_has_no_authority(quick: Any, key_id: Any) -> None:
    key = quick.keys.create("acct", name="CI").key
    by = Principal("key", key_id, "acct", Permissions.parse("*:*"))
    for ask in all_operations(quick, "acct", key.id).values():
        with pytest.raises(InvalidKey):
            ask(by)


def test_a_principal_made_by_hand_has_the_authority_of_its_key_and_no_more(quick: Any) -> None:
    weak = quick.keys.create("acct", name="weak").key
    forged = Principal("key", weak.id, "victim", Permissions.parse("*:*"))
    with pytest.raises(InsufficientPermissions):
        quick.keys.create("victim", name="child", by=forged)


def test_a_session_that_is_not_known_has_no_authority(quick: Any) -> None:
    key = quick.keys.create("acct", name="CI").key
    by = Principal("session", key.id, "acct", Permissions.parse("*:*"))
    for ask in all_operations(quick, "acct", key.id).values():
        with pytest.raises(InvalidSession):
            ask(by)


def told(ask: Callable[[], Any]) -> dict[str, Any]:
    with pytest.raises(NotFound) as caught:
        ask()
    return caught.value.problem()


def test_K23_a_key_of_another_account_is_exactly_like_an_unknown_one(
    auth: Any, watched: Callable[[Any], Watch]
) -> None:
    mine = principal(auth, "*:*")
    theirs = auth.keys.create("acct2", name="theirs").key
    watch = watched(auth)
    for name in operations(auth, theirs.id):
        watch.relent()
        known = told(lambda name=name: operations(auth, theirs.id)[name](mine)), watch.count("get")
        watch.relent()
        unknown = told(lambda name=name: operations(auth, "key_unknown")[name](mine)), watch.count("get")
        assert known == unknown
        assert watch.count("commit") == 0
    assert auth.keys.get(theirs.id) == theirs


@pytest.mark.parametrize("account", ["acct2", "Acct", "acct ", "acct\u200b"])
def test_K02_no_key_is_made_for_another_account(auth: Any, account: str) -> None:
    by = principal(auth, "*:*")
    with pytest.raises(InsufficientPermissions):
        auth.keys.create(account, name="child", by=by)
    assert auth.keys.page(account).items == ()


@pytest.mark.parametrize("fault", ["revoke", "disable", "expire", "rotate"])
def test_K02_no_principal_revives_what_is_dead(quick: Any, clock: Clock, fault: str) -> None:
    by = principal(quick)
    key = quick.keys.create("acct", name="CI", expires_in=HOUR if fault == "expire" else None).key
    if fault == "expire":
        clock.advance(HOUR)
    else:
        getattr(quick.keys, fault)(key.id)
    with pytest.raises(Conflict):
        quick.keys.rotate(key.id, by=by)
