"""The gate counts per key and per address, tells how a rate stands, and refuses guessing before any look-up."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import ConfigurationError, Policy, Settings
from plexe_auth.model.token import KeyFormat
from tests.conftest import Clock
from tests.gate.keys import Made
from tests.gate.shims import Ask, Shim
from tests.keys.watch import Watch

Guarded = Callable[..., Shim]

HERE = "203.0.113.7"
FORGED = ("x-forwarded-for", "x-real-ip", "cf-connecting-ip", "true-client-ip", "forwarded")


@pytest.fixture
def settings() -> Settings:
    return Settings()


def at(peer: str | None, **more: Any) -> Ask:
    return Ask(peer=peer, scheme="https", **more)


def guess() -> str:
    return KeyFormat("plx_sk_").make().reveal()


@pytest.mark.parametrize("policy", [Policy(rate="3/minute"), Policy(address_rate="3/minute")])
def test_R09_a_rate_is_told_on_every_answer_and_refuses_with_the_true_wait(
    guarded: Guarded, keys: Made, policy: Policy, clock: Clock
) -> None:
    ask, shim = at(HERE).by(keys.text["reader"]), guarded(policy)
    answers = [shim(ask) for _ in range(3)]
    clock.advance(timedelta(seconds=0.3))  # the wait is no whole number
    answers += [shim(ask) for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    left = [re.match(r'"default";r=(\d+);t=\d+\Z', answer.headers["ratelimit"]) for answer in answers]
    assert [int(found[1]) for found in left if found] == [2, 1, 0, 0, 0]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"default";q=3;w=60'}
    assert answers[3].code == "rate_limit_exceeded"
    assert answers[3].headers["cache-control"] == "no-store"
    wait = int(answers[3].headers["retry-after"])
    assert wait >= 1
    clock.advance(timedelta(seconds=wait))
    assert shim(ask).status == 200


def test_a_key_with_a_rate_of_its_own_is_held_to_both(guarded: Guarded, auth: Any) -> None:
    text = auth.keys.create("acct", name="CI", rate="2/minute").secret.reveal()
    shim = guarded(Policy(rate="100/minute"))
    answers = [shim(at(HERE).by(text)) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"default";q=2;w=60'


@pytest.mark.parametrize("settings", [Settings(rate_storage="memory://")], ids=["memory"])
def test_R04_places_that_a_key_has_for_one_rate_are_none_for_another(guarded: Guarded, auth: Any) -> None:
    text = {rate: auth.keys.create("acct", name="CI", rate=rate).secret.reveal() for rate in (None, "100/minute")}
    asked = {rate: at(HERE).by(one) for rate, one in text.items()}
    wide, narrow, none = guarded(Policy(rate="100/minute")), guarded(Policy(rate="4/minute")), guarded()
    assert [shim(asked[None]).status for shim in (wide, wide, narrow, wide, narrow)] == [200] * 4 + [429]
    assert [none(asked["100/minute"]).status for _ in range(3)] == [200] * 3
    assert [narrow(asked["100/minute"]).status for _ in range(5)] == [200] * 4 + [429]


def test_a_request_without_any_rate_is_told_none(guarded: Guarded, keys: Made) -> None:
    answer = guarded()(at(HERE).by(keys.text["reader"]))
    assert not {"ratelimit", "ratelimit-policy"} & answer.headers.keys()


@pytest.mark.parametrize("rates", [{"rate": "2/minute"}, {"address_rate": "2/minute"}])
def test_a_policy_may_keep_to_itself_how_rates_stand(guarded: Guarded, keys: Made, rates: dict[str, str]) -> None:
    shim = guarded(Policy(rate_headers=False, **rates))  # type: ignore[arg-type]
    answers = [shim(at(HERE).by(keys.text["reader"])) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert not [answer for answer in answers if {"ratelimit", "ratelimit-policy"} & answer.headers.keys()]
    assert "retry-after" in answers[2].headers


def test_R01_no_field_that_a_client_writes_chooses_its_bucket(guarded: Guarded, keys: Made) -> None:
    shim = guarded(Policy(address_rate="5/minute"))
    asked = [at(HERE).by(keys.text["reader"]).having((name, f"192.0.2.{n}")) for n, name in enumerate(FORGED)]
    assert [shim(ask).status for ask in asked] == [200] * 5
    assert [shim(ask).status for ask in asked] == [429] * 5


def test_R01_behind_a_trusted_proxy_each_client_has_its_own_bucket(guarded: Guarded, keys: Made) -> None:
    shim = guarded(Policy(address_rate="1/minute", trusted_proxies=("10.0.0.1",)))
    came = (("x-forwarded-proto", "https"),)
    asked = [
        Ask(peer="10.0.0.1", fields=(*came, ("x-forwarded-for", client))).by(keys.text["reader"])
        for client in ("203.0.113.1", "9.9.9.9, 203.0.113.1", "203.0.113.2")
    ]
    assert [shim(ask).status for ask in asked] == [200, 429, 200]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8:0:0:ffff::2"),
        ("2001:DB8::1", "2001:0db8:0000::0001"),
        ("::ffff:203.0.113.7", HERE),
        ("fe80::1%eth0", "fe80::1"),
        (None, "unix:"),
    ],
)
def test_R02_R07_all_texts_of_one_neighbourhood_share_a_bucket(
    guarded: Guarded, keys: Made, one: str | None, other: str | None
) -> None:
    shim = guarded(Policy(address_rate="1/minute"))
    assert [shim(at(peer).by(keys.text["reader"])).status for peer in (one, other)] == [200, 429]


def test_R02_another_neighbourhood_has_another_bucket(guarded: Guarded, keys: Made) -> None:
    shim = guarded(Policy(address_rate="1/minute"))
    peers = ("2001:db8::1", "2001:db8:0:1::1", HERE, "203.0.113.8")
    assert [shim(at(peer).by(keys.text["reader"])).status for peer in peers] == [200] * 4


def test_R03_no_spelling_of_a_request_gives_a_key_another_bucket(guarded: Guarded, keys: Made) -> None:
    shim = guarded(Policy(rate="4/minute"))
    asked = [
        at(HERE, target="/models"),
        at(HERE, target="/other?x=1"),
        at("203.0.113.9", target="/models").having(("user-agent", "another")),
        at("2001:db8::1", method="HEAD"),
        at(HERE, target="/MODELS").having(("x-request-id", "another")),
    ]
    assert [shim(ask.by(keys.text["reader"])).status for ask in asked] == [200, 200, 200, 200, 429]


def test_H03_R10_every_method_and_path_costs_the_same(guarded: Guarded, keys: Made) -> None:
    shim = guarded(Policy(address_rate="1/minute", public=("/nowhere",)))
    asked = (at(HERE, method="HEAD"), at("192.0.2.1", target="/nowhere"), at("192.0.2.2", method="OPTIONS"))
    for ask in asked:
        assert [shim(ask.by(keys.text["good"])).status for _ in range(2)] == [200, 429]


def test_R10_guessing_from_one_neighbourhood_is_refused_before_anything_is_looked_up(
    guarded: Guarded, keys: Made, auth: Any
) -> None:
    shim = guarded()
    known = at("2001:db8::1").by(keys.text["reader"])
    assert shim(known).status == 200
    malformed = [shim(at(f"2001:db8::{n:x}").by("plx_sk_")).status for n in range(15)]
    unknown = [shim(at(f"2001:db8::{n:x}").by(guess())).status for n in range(15)]
    assert malformed + unknown == [401] * 30
    watch = Watch(auth)
    refused = shim(at("2001:db8::ffff").by(guess()))
    assert (refused.status, refused.code) == (429, "rate_limit_exceeded")
    assert int(refused.headers["retry-after"]) >= 1
    assert [asked for asked in watch.asked if asked.values[0] == "keys"] == []
    assert shim(known).status == 200  # a key that is remembered as good is no guess
    assert shim(at("2001:db8:0:1::1").by(guess())).status == 401


def test_R10_a_refusal_of_a_known_key_or_of_none_is_no_guess(guarded: Guarded, keys: Made) -> None:
    shim = guarded()
    for name in ("expired", "revoked", "disabled"):
        assert {shim(at(HERE).by(keys.text[name])).code for _ in range(12)} != {"rate_limit_exceeded"}
    assert {shim(at(HERE)).status for _ in range(40)} == {401}
    assert shim(at(HERE).by(keys.text["good"])).status == 200


def test_R10_guesses_count_until_their_window_is_over(guarded: Guarded, clock: Clock) -> None:
    shim = guarded()
    assert [shim(at(HERE).by(guess())).status for _ in range(31)] == [401] * 30 + [429]
    clock.advance(timedelta(minutes=2))
    assert shim(at(HERE).by(guess())).status == 401


@pytest.mark.parametrize("name", ["rate", "address_rate"])
@pytest.mark.parametrize("rate", ["", "often", "0/minute", "1/fortnight"])
def test_a_rate_that_is_none_is_refused_when_the_policy_is_made(name: str, rate: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name}: "):
        Policy(rate=rate) if name == "rate" else Policy(address_rate=rate)
