"""A request is one entry of the access log: who, what, from where, with what outcome; and no secret is in it."""

from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import Policy
from tests.conftest import Clock
from tests.gate.keys import Made
from tests.gate.shims import Ask, Shim

Guarded = Callable[..., Shim]

CODES = {
    "reader": None,
    "unknown": "invalid_key",
    "malformed": "invalid_key",
    "expired": "expired_key",
    "revoked": "revoked_key",
    "disabled": "disabled_key",
    "suspended": "account_suspended",
    "bound": "ip_not_allowed",
    "powerless": "insufficient_permissions",
}


def entries(auth: Any) -> list[Any]:
    return [one for one in auth.log.page(action="key.verify", limit=1000).items if one.method is not None]


@pytest.mark.parametrize("name", CODES)
def test_H13_each_decision_is_one_entry(guarded: Guarded, keys: Made, auth: Any, name: str, clock: Clock) -> None:
    ask = Ask(target="/models?secret=1", peer="198.51.100.7", scheme="https").by(keys.text[name])
    shim = guarded()
    for _ in range(2):  # the second time it may be remembered
        shim(ask.having(("user-agent", "tests/1"), ("x-request-id", "req-7")))
    found = entries(auth)
    assert len(found) == 2
    for entry in found:
        assert (entry.outcome, entry.code) == ("denied" if CODES[name] else "allowed", CODES[name])
        assert (entry.method, entry.path, entry.ip) == ("GET", "/models", "198.51.100.7")
        assert (entry.user_agent, entry.request_id, entry.at) == ("tests/1", "req-7", clock.now)
        assert (entry.key_id is None) == (CODES[name] == "invalid_key")
        assert keys.text[name][7:] not in repr(entry)


def test_H13_what_is_refused_before_a_key_is_looked_at_is_an_entry_too(guarded: Guarded, keys: Made, auth: Any) -> None:
    shim = guarded(Policy(address_rate="1/minute"))
    shim(Ask(peer="203.0.113.7"))
    shim(Ask(peer="203.0.113.7", scheme="https"))
    shim(Ask(peer="203.0.113.7", scheme="https"))
    twice = Ask(peer="203.0.113.8", scheme="https").by(keys.text["reader"]).by(keys.text["good"])
    shim(twice)
    assert [entry.code for entry in reversed(entries(auth))] == [
        "https_required",
        "invalid_key",
        "rate_limit_exceeded",
        "invalid_key",
    ]


def test_a_public_path_is_no_decision(guarded: Guarded, auth: Any) -> None:
    guarded(Policy(public=("/models",)))(Ask())
    assert entries(auth) == []


@pytest.mark.parametrize("named", ["", "a b", "a\x1fb", "x" * 129, "é"])
def test_a_request_without_a_good_name_gets_one_of_its_own(guarded: Guarded, keys: Made, auth: Any, named: str) -> None:
    for _ in range(2):
        guarded()(Ask().by(keys.text["reader"]).having(("x-request-id", named)))
    names = [entry.request_id for entry in entries(auth)]
    assert len(set(names)) == 2
    assert all(name.startswith("req_") for name in names)


def test_H11_whatever_a_client_writes_is_one_entry(guarded: Guarded, keys: Made, auth: Any) -> None:
    odd = '","\\\x1b[31m\x85'
    guarded()(Ask(target="/a%0d%0ab%22").by(keys.text["reader"]).having(("user-agent", odd)))
    (entry,) = entries(auth)
    assert entry.user_agent == odd
    assert entry.path == '/a\r\nb"'
