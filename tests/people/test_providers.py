"""What providers publish is remembered for stated times; keys are asked for again rarely, and never done without."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from plexe_auth.bridge import finish
from plexe_auth.errors import InvalidCredentials, Unavailable
from plexe_auth.fetch.port import SettledFetch
from plexe_auth.model.exchange import Answer, Question
from plexe_auth.model.provider import github, oidc
from plexe_auth.providers import FRESH, PAUSE, REST, STALE, Providers
from plexe_auth.secret import Secret
from tests.faces import Loop
from tests.people import signing
from tests.people.signing import ed_jwk, rsa_jwk, rsa_key, token

ISSUER = signing.ISSUER
ACME = oidc("acme", ISSUER, signing.CLIENT, "s3cret")
AT = datetime.fromtimestamp(signing.NOW, UTC)
DISCOVERY = f"{ISSUER}/.well-known/openid-configuration"
KEYS = f"{ISSUER}/jwks"


class World:
    """A provider that publishes what a test wants, and a clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.asked: list[str] = []
        self.down = False
        self.document: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": KEYS,
            "id_token_signing_alg_values_supported": ["RS256", "EdDSA"],
        }
        self.keys: list[Any] = [rsa_jwk(rsa_key(), kid="rsa")]

    def fetch(self, question: Question) -> Answer:
        self.asked.append(question.url)
        if self.down:
            raise Unavailable
        said = {"keys": self.keys} if question.url == KEYS else self.document
        return Answer(200, (("content-type", "application/json"),), json.dumps(said).encode())

    async def awaited(self, question: Question) -> Answer:
        return self.fetch(question)

    def elapsed(self) -> float:
        return self.seconds


@pytest.fixture
def world() -> World:
    return World()


Verify = Callable[[str], dict[str, Any]]


@pytest.fixture
def providers(world: World, face: str) -> Providers:
    return Providers(SettledFetch(world.fetch) if face == "blocking" else world.awaited, world.elapsed)


@pytest.fixture
def run(face: str, loop: Loop) -> Callable[[Any], Any]:
    return finish if face == "blocking" else loop.run


@pytest.fixture
def verify(providers: Providers, run: Callable[[Any], Any]) -> Verify:
    return lambda text: run(providers.verified(ACME, Secret(text), Secret(signing.NONCE), Secret(signing.ACCESS), AT))


def test_a_token_is_verified_by_what_its_provider_publishes(world: World, verify: Verify) -> None:
    assert verify(token())["sub"] == signing.CLAIMS["sub"]
    assert world.asked == [DISCOVERY, KEYS]


def test_what_was_read_is_used_for_an_hour_without_asking(world: World, verify: Verify) -> None:
    verify(token())
    world.seconds += FRESH - 1
    verify(token())
    assert world.asked == [DISCOVERY, KEYS]
    world.seconds += 1
    verify(token())
    assert world.asked == [DISCOVERY, KEYS] * 2


def test_O12_an_unknown_kid_has_the_keys_asked_for_again_once(world: World, verify: Verify) -> None:
    verify(token())
    world.keys = [ed_jwk(kid="ed")]
    world.seconds += PAUSE
    assert verify(token("EdDSA"))["sub"]
    assert world.asked == [DISCOVERY, KEYS, KEYS]


def test_O12_made_up_kids_make_us_ask_no_more_than_once_in_a_pause(world: World, verify: Verify) -> None:
    verify(token())
    for _ in range(3):
        world.seconds += PAUSE
        for number in range(20):
            with pytest.raises(InvalidCredentials):
                verify(token(header={"kid": f"made-up-{number}"}))
    assert world.asked.count(KEYS) == 1 + 3


def test_O12_keys_that_were_just_read_are_not_asked_for_again(world: World, verify: Verify) -> None:
    with pytest.raises(InvalidCredentials):
        verify(token(header={"kid": "made-up"}))
    assert world.asked.count(KEYS) == 1


def test_O12_a_key_that_was_taken_back_is_not_believed_once_the_keys_were_read_again(
    world: World, verify: Verify
) -> None:
    verify(token())
    world.keys = [ed_jwk(kid="ed")]
    world.seconds += FRESH
    with pytest.raises(InvalidCredentials):
        verify(token())


def test_O12_an_outage_keeps_what_was_read_for_a_day_and_no_longer(world: World, verify: Verify) -> None:
    verify(token())
    world.down = True
    world.seconds += STALE - 1
    assert verify(token())["sub"]
    world.seconds += 1
    with pytest.raises(Unavailable):
        verify(token())
    world.down = False
    world.seconds += REST
    assert verify(token())["sub"]


def test_O12_an_outage_never_has_a_token_believed_without_a_key(world: World, verify: Verify) -> None:
    world.down = True
    with pytest.raises(Unavailable):
        verify(token())
    world.down = False
    world.seconds += REST
    verify(token())
    world.down = True
    world.seconds += PAUSE
    with pytest.raises(InvalidCredentials):
        verify(token(header={"kid": "new"}))


def test_O12_during_an_outage_old_keys_are_used_without_asking_for_each_sign_in(world: World, verify: Verify) -> None:
    verify(token())
    world.down = True
    world.seconds += FRESH
    for _ in range(10):
        verify(token())
    assert world.asked.count(KEYS) == 2
    world.seconds += PAUSE
    verify(token())
    assert world.asked.count(KEYS) == 3


def test_O15_a_provider_that_was_just_found_down_is_not_asked_by_the_next(world: World, verify: Verify) -> None:
    world.down = True
    for _ in range(10):
        with pytest.raises(Unavailable):
            verify(token())
    assert world.asked == [DISCOVERY]
    world.down = False
    world.seconds += REST
    assert verify(token())["sub"]


@pytest.mark.parametrize("change", [{"issuer": "https://evil.example"}, {"token_endpoint": None}])
def test_O12_a_document_that_turns_bad_changes_nothing_for_a_day(
    world: World, verify: Verify, change: dict[str, Any]
) -> None:
    verify(token())
    world.document |= change
    world.seconds += FRESH
    assert verify(token())["sub"]
    world.seconds += STALE
    with pytest.raises(Unavailable):
        verify(token())


def test_O15_other_providers_keep_working(
    world: World, providers: Providers, run: Callable[[Any], Any], verify: Verify
) -> None:
    with pytest.raises(Unavailable):
        run(providers.endpoints(oidc("other", "https://other.example", "id", "secret")))
    assert verify(token())["sub"]


def test_a_provider_whose_endpoints_are_known_is_not_asked(
    world: World, providers: Providers, run: Callable[[Any], Any]
) -> None:
    provider = github("id", "secret")
    assert run(providers.endpoints(provider)) == provider.endpoints
    assert world.asked == []


def test_what_is_remembered_is_bounded(world: World, providers: Providers, run: Callable[[Any], Any]) -> None:
    for number in range(1100):
        issuer = f"https://id{number}.example"
        world.document["issuer"] = issuer
        run(providers.endpoints(oidc("acme", issuer, "id", "secret")))
    assert len(providers._endpoints) == 1000


def test_O12_of_many_threads_one_asks_again() -> None:
    world = World()
    providers = Providers(SettledFetch(world.fetch), world.elapsed)

    def verify() -> None:
        finish(providers.verified(ACME, Secret(token()), Secret(signing.NONCE), Secret(signing.ACCESS), AT))

    verify()
    world.seconds += FRESH
    threads = [threading.Thread(target=verify) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.asked == [DISCOVERY, KEYS] * 2


def test_a_forked_child_remembers_nothing(
    world: World, providers: Providers, run: Callable[[Any], Any], verify: Verify
) -> None:
    verify(token())
    providers.forget()
    verify(token())
    assert world.asked == [DISCOVERY, KEYS] * 2


def test_O15_without_its_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, verify: Verify) -> None:
    import sys

    from plexe_auth.errors import ConfigurationError

    for name in [name for name in sys.modules if name.startswith("joserfc")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "joserfc", None)
    with pytest.raises(ConfigurationError, match=r"plexe-auth\[oauth\]"):
        verify(token())
