"""When a change that narrows something has returned, another process refuses the key at once."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import AccountSuspended, AuthError, IssuedKey, RevokedKey, Settings, Unavailable
from plexe_auth.cache.elapsed import elapsed
from tests.cache.conftest import Two
from tests.conftest import Clock

Change = Callable[[Any, IssuedKey], object]
CHANGES: dict[str, tuple[Change, str]] = {
    "revoke": (lambda auth, issued: auth.keys.revoke(issued.key.id), "revoked_key"),
    "revoke_all": (lambda auth, issued: auth.keys.revoke_all("acct_42"), "revoked_key"),
    "revoke_leaked": (lambda auth, issued: auth.keys.revoke_leaked(issued.secret.reveal()), "revoked_key"),
    "disable": (lambda auth, issued: auth.keys.disable(issued.key.id), "disabled_key"),
    "rotate": (lambda auth, issued: auth.keys.rotate(issued.key.id, overlap=timedelta(0)), "revoked_key"),
    "suspend": (lambda auth, issued: auth.accounts.suspend("acct_42"), "account_suspended"),
    "permissions": (
        lambda auth, issued: auth.keys.update(issued.key.id, permissions="jobs:read"),
        "insufficient_permissions",
    ),
    "allowed_ips": (lambda auth, issued: auth.keys.update(issued.key.id, allowed_ips=["192.0.2.1"]), "ip_not_allowed"),
    "expires_at": (
        lambda auth, issued: auth.keys.update(issued.key.id, expires_at=auth.world.now()),
        "expired_key",
    ),
}


def code(auth: Any, text: str, **asked: Any) -> str:
    try:
        auth.keys.verify(text, **asked)
    except AuthError as refused:
        return refused.code
    return "accepted"


async def elsewhere(act: Callable[[], object]) -> None:
    """Do it from where no event loop has to stand still for it."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        act()
    else:
        await loop.run_in_executor(None, act)


@pytest.mark.parametrize("kind", CHANGES)
def test_K05_what_is_narrowed_is_refused_by_a_process_that_remembers_it(two: Two, kind: str) -> None:
    change, refused = CHANGES[kind]
    issued = two.one.keys.create("acct_42", name="CI")
    text = issued.secret.reveal()
    assert [code(two.other, text, permission="models:read") for _ in range(2)] == ["accepted"] * 2
    change(two.one, issued)
    assert code(two.other, text, permission="models:read") == refused


@pytest.mark.parametrize("act", ["create", "update", "rotate", "revoke"])
def test_K04_who_was_revoked_changes_no_key_in_any_process(two: Two, act: str) -> None:
    manager = two.one.keys.create("acct_42", name="manager", permissions="*:*")
    target = two.one.keys.create("acct_42", name="target").key.id
    text = manager.secret.reveal()
    acts: dict[str, Callable[[Any], object]] = {
        "create": lambda by: two.other.keys.create("acct_42", name="minted", by=by),
        "update": lambda by: two.other.keys.update(target, name="renamed", by=by),
        "rotate": lambda by: two.other.keys.rotate(target, by=by),
        "revoke": lambda by: two.other.keys.revoke(target, by=by),
    }
    assert [code(two.other, text, permission="keys:manage") for _ in range(2)] == ["accepted"] * 2
    by = two.other.keys.verify(text, permission="keys:manage")  # as a request that is under way has it
    before = two.one.keys.page("acct_42").items
    two.one.keys.revoke(manager.key.id)
    with pytest.raises(RevokedKey):
        two.other.keys.verify(text, permission="keys:manage")
    with pytest.raises(RevokedKey):
        acts[act](by)
    others = [one for one in two.one.keys.page("acct_42").items if one.id != manager.key.id]
    assert others == [one for one in before if one.id != manager.key.id]


def test_K07_what_a_process_has_read_before_the_change_is_not_remembered_after_it(two: Two) -> None:
    issued = two.one.keys.create("acct_42", name="CI")
    text = issued.secret.reveal()
    assert code(two.other, text) == "accepted"
    read = two.other.world.store.get

    async def read_then_revoked(table: str, *asked: Any, **along: Any) -> Any:
        row = await read(table, *asked, **along)
        if table == "keys":
            two.other.world.store.get = read
            await elsewhere(lambda: two.one.keys.revoke(issued.key.id))
        return row

    two.other.world.store.get = read_then_revoked
    assert code(two.other, text, fresh=True) == "accepted"  # it began before the revocation
    assert code(two.other, text) == "revoked_key"


def test_a_good_key_is_remembered_and_asks_nothing_of_the_store(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two.other.world.epoch, "_staleness", 60.0)  # however long the machine takes for a look
    text = two.one.keys.create("acct_42", name="CI", permissions="models:*").secret.reveal()
    first = two.other.keys.verify(text, permission="models:read")
    two.asked.relent()
    again = [two.other.keys.verify(text, permission="models:read") for _ in range(3)]
    assert [(one.id, one.account_id, one.permissions) for one in again] == [
        (first.id, "acct_42", first.permissions)
    ] * 3
    assert {asked.values[0] for asked in two.asked.asked} <= {"epochs"}  # which may have been due


def test_K08_resuming_an_account_revives_no_key_that_was_revoked_meanwhile(two: Two) -> None:
    issued = [two.one.keys.create("acct_42", name=name) for name in ("stays", "goes")]
    texts = [one.secret.reveal() for one in issued]
    assert [code(two.other, text) for text in texts] == ["accepted"] * 2
    two.one.accounts.suspend("acct_42")
    assert [code(two.other, text) for text in texts] == ["account_suspended"] * 2
    two.one.keys.revoke(issued[1].key.id)
    two.one.accounts.resume("acct_42")
    assert [code(two.other, text) for text in texts] == ["accepted", "revoked_key"]


def test_fresh_asks_the_store_itself(two: Two) -> None:
    text = two.one.keys.create("acct_42", name="CI").secret.reveal()
    for fresh, reads in ((False, 1), (True, 1), (True, 1)):
        two.asked.relent()
        two.other.keys.verify(text, fresh=fresh)
        assert sum(asked.values[0] == "keys" for asked in two.asked.asked) == reads


def test_a_refusal_is_never_remembered(two: Two) -> None:
    issued = two.one.keys.create("acct_42", name="CI")
    text = issued.secret.reveal()
    assert code(two.other, text, permission="models:write") == "insufficient_permissions"
    two.one.keys.update(issued.key.id, permissions="read write")
    assert code(two.other, text, permission="models:write") == "accepted"
    two.one.keys.disable(issued.key.id)
    assert code(two.other, text) == "disabled_key"
    two.one.keys.enable(issued.key.id)
    assert code(two.other, text) == "accepted"


def test_K05_an_epoch_that_cannot_be_read_when_it_is_due_leaves_nothing_to_believe(
    face: str, store_url: str, opened: Callable[..., Any]
) -> None:
    if store_url == "memory://":
        return  # nobody else can change a row, and no epoch is read
    auth = opened(face, store_url, settings=Settings(max_staleness=timedelta(microseconds=1)))
    text = auth.keys.create("acct_42", name="CI").secret.reveal()
    auth.keys.verify(text)
    store = auth.world.store

    async def silent(*_asked: Any, **_along: Any) -> Any:
        raise Unavailable

    auth.world.epoch._glance = lambda: None
    store.get = silent
    assert code(auth, text) == "unavailable"


def test_K05_a_process_that_believes_longer_than_others_is_waited_for(
    face: str, store_url: str, opened: Callable[..., Any], two: Two
) -> None:
    issued = two.one.keys.create("acct_42", name="CI")
    text = issued.secret.reveal()
    assert code(two.one, text) == "accepted"
    if store_url == "memory://":
        return  # nobody else can believe anything
    patient = opened(face, store_url, settings=Settings(max_staleness=timedelta(milliseconds=200)))
    assert [code(patient, text) for _ in range(2)] == ["accepted"] * 2
    two.one.keys.revoke(issued.key.id)
    assert code(patient, text) == "revoked_key"


def test_a_change_that_is_repeated_also_waits_until_nobody_believes_the_old(two: Two) -> None:
    issued = two.one.keys.create("acct_42", name="CI")
    assert code(two.other, issued.secret.reveal()) == "accepted"
    pauses: list[float] = []

    async def counted(seconds: float) -> None:
        pauses.append(seconds)

    epoch = two.one.world.epoch
    if epoch._neighbours is not None:
        return  # there is nobody to wait for
    pause, epoch._pause = epoch._pause, counted
    believed = two.one.world.settings.max_staleness.total_seconds()  # by the other, since a look before the change
    for change in (two.one.keys.revoke, two.one.keys.revoke):
        began = elapsed()
        change(issued.key.id)
        assert elapsed() - began >= believed
    assert max(pauses, default=0.0) <= believed + 0.02
    epoch._pause = pause


def test_a_suspension_waits_once_for_keys_and_sessions(two: Two) -> None:
    key = two.one.keys.create("acct_42", name="CI").secret.reveal()
    two.one.users.create("ada@example.com", "a long and lovely word", account_id="acct_42")
    token = two.one.sign_in.with_password("ada@example.com", "a long and lovely word").token.reveal()
    assert code(two.other, key) == "accepted"
    assert two.other.sessions.verify(token)
    epoch, waited = two.one.world.session_epoch, list[float]()

    async def again(seconds: float) -> None:
        waited.append(seconds)

    epoch._pause = again
    two.one.accounts.suspend("acct_42")
    assert waited == [], "it had waited long enough for keys"
    assert code(two.other, key) == "account_suspended"
    with pytest.raises(AccountSuspended):
        two.other.sessions.verify(token)


def test_what_only_widens_or_renames_waits_for_nobody(two: Two) -> None:
    issued = two.one.keys.create("acct_42", name="CI")
    assert code(two.other, issued.secret.reveal()) == "accepted"

    async def never(seconds: float) -> None:
        raise AssertionError(seconds)

    two.one.world.epoch._pause = never
    two.one.keys.update(issued.key.id, name="CI 2", permissions="read write", metadata={"a": 1})
    two.one.accounts.resume("acct_42")


def test_a_key_that_ends_is_refused_at_that_instant_though_it_is_remembered(two: Two, clock: Clock) -> None:
    text = two.one.keys.create("acct_42", name="CI", expires_in=timedelta(minutes=1)).secret.reveal()
    for _ in range(3):
        assert code(two.other, text) == "accepted"
    clock.advance(timedelta(seconds=60) - timedelta(microseconds=1))
    assert code(two.other, text) == "accepted"
    clock.advance(timedelta(microseconds=1))
    assert code(two.other, text) == "expired_key"


def test_a_key_that_is_bound_to_addresses_is_remembered_with_them(two: Two) -> None:
    text = two.one.keys.create("acct_42", name="CI", allowed_ips=["192.0.2.0/24"]).secret.reveal()
    for _ in range(3):
        assert code(two.other, text, ip="192.0.2.7", permission="models:read") == "accepted"
        assert code(two.other, text, ip="198.51.100.1") == "ip_not_allowed"
        assert code(two.other, text) == "ip_not_allowed"


def test_a_rotated_key_is_remembered_with_its_end(two: Two, clock: Clock) -> None:
    issued = two.one.keys.create("acct_42", name="CI")
    successor = two.one.keys.rotate(issued.key.id, overlap=timedelta(hours=1))
    for _ in range(3):
        found = two.other.keys.verify(issued.secret.reveal())
        assert (found.rotated_at, found.retires_at) == (clock.now, clock.now + timedelta(hours=1))
        assert two.other.keys.verify(successor.secret.reveal()).retires_at is None
    clock.advance(timedelta(hours=1))
    assert code(two.other, issued.secret.reveal()) == "revoked_key"
