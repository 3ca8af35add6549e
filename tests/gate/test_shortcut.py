"""Whatever is asked for, what a process keeps of targets stays within bounds, and says the same as the long way."""

from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import Policy
from plexe_auth.shortcut import Shortcut
from plexe_auth.wire import Request
from tests.gate.shims import Ask, Seen, Shim

MOST, LONGEST = 4096, 1024  # targets, and characters of one

Guarded = Callable[..., Shim]


def kept(shim: Shim) -> Shortcut[Any]:
    return shim.guarded._shortcut


@pytest.fixture
def key(auth: Any) -> str:
    made: str = auth.keys.create("acct_42", name="k").secret.reveal()
    auth.keys.verify(made)
    return made


def test_a_flood_of_targets_is_kept_within_bounds_and_every_one_is_served(guarded: Guarded, key: str) -> None:
    shim = guarded()
    for number in range(MOST + 50):
        assert shim(Ask(target=f"/models/{number}").by(key)).code == "ok"
        assert len(kept(shim)) <= MOST
    assert len(kept(shim)) == 50


MUCH = "x" * LONGEST


@pytest.mark.parametrize("ask", [Ask(target=f"/{MUCH}"), Ask().having(("user-agent", MUCH))], ids=["target", "agent"])
def test_what_is_long_is_served_and_not_kept(guarded: Guarded, key: str, ask: Ask) -> None:
    shim = guarded()
    assert shim(ask.by(key)).code == "ok"
    assert not kept(shim)


def test_a_remembered_key_is_admitted_at_once_and_an_unknown_one_is_not(guarded: Guarded, key: str) -> None:
    shim = Seen(guarded())
    assert [(answer.code, at_once) for answer, at_once in map(shim, [Ask().by(key), Ask().by(key + "x")])] == [
        ("ok", True),
        ("invalid_key", False),
    ]


@pytest.mark.parametrize("policy", [Policy(), Policy(bearer=True)], ids=["plain", "bearer"])
def test_a_key_beside_another_credential_is_admitted_at_once_only_where_that_says_nothing(
    guarded: Guarded, key: str, policy: Policy
) -> None:
    answer, at_once = Seen(guarded(policy))(Ask().by(key).having(("authorization", "Basic YTpi")))
    assert (answer.code, at_once) == ("ok", not policy.bearer)


@pytest.mark.parametrize("fields", [{}, {"x-api-key": ["\ud800"]}, {"x-api-key": [None]}])
def test_what_cannot_be_read_is_admitted_by_nothing_at_once(guarded: Guarded, fields: Any) -> None:
    request = Request("http", "GET", "/models", peer="127.0.0.1", fields=fields)
    assert guarded().guarded.gate.at_once(request) is None
