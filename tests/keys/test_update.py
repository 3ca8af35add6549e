"""An update changes what is named and nothing else, and loses nothing that others change at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import APIKey, Conflict, InsufficientPermissions, Permissions, RevokedKey, Unavailable
from tests.conftest import Clock
from tests.keys.watch import Watch
from tests.stores import SHARED

HOUR = timedelta(hours=1)


def made(auth: Any) -> Any:
    terms = {"permissions": "models:read", "allowed_ips": ["::1"], "rate": "1/day", "metadata": {"a": 1}}
    return auth.keys.create("acct", name="CI", expires_in=HOUR, **terms)


def changed(before: APIKey, after: APIKey) -> dict[str, Any]:
    names = [one.name for one in fields(APIKey) if one.compare]  # which state it is, is no value of it
    return {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}


def test_each_value_that_is_named_is_changed_and_nothing_else(auth: Any, clock: Clock) -> None:
    before = made(auth).key
    named: dict[str, Any] = {
        "name": "Ключ 🔑 ",
        "permissions": Permissions.parse("read write"),
        "expires_at": clock.now + 2 * HOUR,
        "allowed_ips": ("10.0.0.0/8", "::1"),
        "rate": "5 per 2 minutes",
        "metadata": {"b": [1, {"c": "\u2028"}]},
    }
    for name, value in named.items():
        after = auth.keys.update(before.id, **{name: value})
        assert changed(before, after) == {name: value}
        assert auth.keys.get(before.id) == after
        before = after


def test_values_can_be_taken_away(auth: Any) -> None:
    before = made(auth).key
    named: dict[str, Any] = {"permissions": "", "expires_at": None, "allowed_ips": (), "rate": None, "metadata": None}
    after = auth.keys.update(before.id, **named)
    assert changed(before, after) == {**named, "permissions": Permissions(), "metadata": {}}
    assert auth.keys.get(before.id) == after


def test_an_update_that_names_nothing_changes_nothing(quick: Any, watched: Callable[[Any], Watch]) -> None:
    before = made(quick).key
    watch = watched(quick)
    assert quick.keys.update(before.id) == before
    assert watch.count("commit") == 0


def test_an_update_does_not_revive_a_revoked_key(auth: Any, clock: Clock) -> None:
    issued, retired = made(auth), made(auth)
    auth.keys.revoke(issued.key.id)
    auth.keys.rotate(retired.key.id, overlap=timedelta(0))
    for one in (issued, retired):
        auth.keys.update(one.key.id, name="other", permissions="*:*", expires_at=None)
        with pytest.raises(RevokedKey):
            auth.keys.verify(one.secret.reveal(), ip="::1")


def test_P06_a_narrowed_key_is_refused_at_the_next_verification(auth: Any) -> None:
    issued = auth.keys.create("acct", name="CI", permissions="read write")
    assert auth.keys.verify(issued.secret.reveal(), permission="models:write")
    auth.keys.update(issued.key.id, permissions="read")
    with pytest.raises(InsufficientPermissions):
        auth.keys.verify(issued.secret.reveal(), permission="models:write")
    assert auth.keys.verify(issued.secret.reveal(), permission="models:read")


def test_no_update_is_lost_among_others(auth: Any) -> None:
    key = made(auth).key
    named: list[dict[str, Any]] = [
        {"name": "other"},
        {"permissions": "read write"},
        {"expires_at": None},
        {"allowed_ips": ()},
        {"rate": None},
        {"metadata": {"b": 2}},
    ]
    with ThreadPoolExecutor(len(named)) as threads:
        list(threads.map(lambda one: auth.keys.update(key.id, **one), named))
    after = auth.keys.get(key.id)
    assert set(changed(key, after)) == {name for one in named for name in one}


def test_nobody_starves_where_many_change_one_key(auth: Any) -> None:
    key = made(auth).key

    def change_often(number: int) -> None:
        for turn in range(4):
            auth.keys.update(key.id, name=f"{number}.{turn}")

    with ThreadPoolExecutor(24) as threads:
        list(threads.map(change_often, range(24)))
    assert auth.keys.get(key.id).name.endswith(".3")


@pytest.mark.parametrize("store_url", SHARED, indirect=True)
def test_a_change_is_decided_anew_when_the_key_was_changed_meanwhile(
    auth: Any, store_url: str, opened: Callable[..., Any], watched: Callable[[Any], Watch]
) -> None:
    by = auth.keys.verify(auth.keys.create("acct", name="manager", permissions="read keys:manage").secret.reveal())
    key = auth.keys.create("acct", name="CI", permissions="read").key
    auth.keys.disable(key.id)
    elsewhere, watch = opened("blocking", store_url), watched(auth)
    watch.meanwhile(lambda: elsewhere.keys.update(key.id, permissions="*:*"))
    with pytest.raises(InsufficientPermissions):
        auth.keys.enable(key.id, by=by)
    assert auth.keys.get(key.id).disabled_at is not None
    watch.meanwhile(lambda: elsewhere.keys.revoke(key.id))
    with pytest.raises(Conflict):
        auth.keys.enable(key.id)


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_update_whose_answer_was_lost_is_no_success(quick: Any, watched: Callable[[Any], Watch], when: Any) -> None:
    key = made(quick).key
    watch = watched(quick)
    watch.fail(call=1, when=when)
    with pytest.raises(Unavailable):
        quick.keys.update(key.id, name="other")
    watch.relent()
    assert quick.keys.get(key.id).name == ("other" if when == "after" else "CI")
