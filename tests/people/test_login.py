"""Whole logins at a real provider of OpenID Connect, by the building blocks alone, in both colours."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from plexe_auth.bridge import finish
from plexe_auth.errors import InvalidCredentials, InvalidRequest, Unavailable
from plexe_auth.fetch.opening import open_fetch
from plexe_auth.fetch.port import AsyncFetch
from plexe_auth.fetch.reach import Reach
from plexe_auth.model.callback import code_of
from plexe_auth.model.claims import Identity, identity_of, with_userinfo
from plexe_auth.model.code_exchange import Tokens, read_tokens, token_request
from plexe_auth.model.exchange import asked_with
from plexe_auth.model.flow import Flow, authorization_url, begin_flow
from plexe_auth.model.provider import Endpoints, Provider, oidc
from plexe_auth.providers import Providers
from plexe_auth.secret import Secret
from tests.faces import Loop
from tests.people.nanoidp import sign_in
from tests.servers.nanoidp import ADDRESS, CLIENT, PERSON, POSTING_CLIENT

CALLBACK = "https://app.example/callback"


@dataclass
class Party:
    """A relying party made of the building blocks, as a service will be."""

    provider: Provider
    fetch: AsyncFetch
    providers: Providers

    async def begin(self) -> tuple[Flow, str]:
        flow = begin_flow(self.provider, CALLBACK, "/keys", datetime.now(UTC))
        return flow, authorization_url(flow, self.provider, await self.endpoints())

    async def endpoints(self) -> Endpoints:
        return await self.providers.endpoints(self.provider)

    async def exchange(self, flow: Flow, query: object) -> Tokens:
        endpoints = await self.endpoints()
        code = code_of(query, flow, self.provider, endpoints, datetime.now(UTC))
        return read_tokens(await self.fetch(token_request(self.provider, endpoints, flow, code)), with_id=True)

    async def complete(self, flow: Flow, query: object) -> Identity:
        tokens = await self.exchange(flow, query)
        return await self.identify(flow, tokens)

    async def identify(self, flow: Flow, tokens: Tokens) -> Identity:
        token = tokens.id or Secret("")
        claims = await self.providers.verified(self.provider, token, flow.nonce, tokens.access, datetime.now(UTC))
        endpoints = await self.endpoints()
        told = await self.fetch(asked_with(tokens.access, endpoints.userinfo))
        return with_userinfo(identity_of(claims, self.provider), told)


Run = Callable[[Any], Any]


@pytest.fixture
def run(face: str, loop: Loop) -> Run:
    return finish if face == "blocking" else loop.run


@pytest.fixture
def party(face: str, nanoidp_url: str) -> Party:
    fetch = open_fetch(is_async=face == "async", reach=Reach(("127.0.0.1",)))
    return Party(oidc("nano", nanoidp_url, *CLIENT), fetch, Providers(fetch))


def test_somebody_signs_in_at_a_real_provider(party: Party, run: Run) -> None:
    flow, url = run(party.begin())
    told = run(party.complete(Flow.from_json(flow.to_json()), sign_in(url)))
    assert told.issuer == party.provider.issuer
    assert (told.subject, told.email) == (PERSON[0], ADDRESS)


def test_the_secret_may_go_into_the_body_as_well(party: Party, run: Run) -> None:
    endpoints = replace(run(party.endpoints()), client_authentication="post")
    name, secret = POSTING_CLIENT
    party.provider = replace(party.provider, client_id=name, client_secret=Secret(secret), endpoints=endpoints)
    flow, url = run(party.begin())
    assert run(party.complete(flow, sign_in(url))).subject == PERSON[0]


def test_O01_the_provider_takes_a_code_once(party: Party, run: Run) -> None:
    flow, url = run(party.begin())
    query = sign_in(url)
    run(party.exchange(flow, query))
    with pytest.raises(InvalidCredentials, match="no longer good"):
        run(party.exchange(flow, query))


def test_O03_a_code_that_was_injected_into_another_flow_is_refused_by_its_verifier(party: Party, run: Run) -> None:
    (mine, _url), (_theirs, url) = run(party.begin()), run(party.begin())
    code = dict(pair.split("=") for pair in sign_in(url).split("&"))["code"]
    with pytest.raises(InvalidCredentials, match="no longer good"):
        run(party.exchange(mine, {"state": mine.state.reveal(), "code": code}))


def test_O01_a_callback_of_another_browser_asks_the_provider_nothing(party: Party, run: Run) -> None:
    (mine, _url), (_theirs, url) = run(party.begin()), run(party.begin())
    query = sign_in(url)

    async def never(_question: object) -> Any:
        raise AssertionError("the provider was asked")

    run(party.endpoints())
    party.fetch = never
    with pytest.raises(InvalidRequest):
        run(party.exchange(mine, query))


def test_O03_an_ID_token_of_another_flow_is_refused(party: Party, run: Run) -> None:
    (mine, _url), (theirs, url) = run(party.begin()), run(party.begin())
    tokens = run(party.exchange(theirs, sign_in(url)))
    with pytest.raises(InvalidCredentials, match="verified"):
        run(party.identify(mine, tokens))
    assert run(party.identify(theirs, tokens)).subject == PERSON[0]


def test_O10_an_access_token_that_came_with_another_ID_token_is_refused(party: Party, run: Run) -> None:
    flow, url = run(party.begin())
    tokens = run(party.exchange(flow, sign_in(url)))
    with pytest.raises(InvalidCredentials):
        run(party.identify(flow, replace(tokens, access=Secret("of-somebody-else"))))


def test_O15_a_wrong_secret_is_nobody_s_sign_in(party: Party, run: Run) -> None:
    flow, url = run(party.begin())
    party.provider = replace(party.provider, client_secret=Secret("wrong"))
    with pytest.raises(Unavailable):
        run(party.complete(flow, sign_in(url)))


def test_O12_the_provider_is_not_taken_for_another_at_the_same_place(party: Party, run: Run) -> None:
    party.provider = replace(party.provider, issuer=party.provider.issuer.replace("127.0.0.1", "localhost"))
    with pytest.raises(Unavailable, match="description"):
        run(party.begin())


def test_O11_the_provider_is_not_reached_unless_its_network_is_named(face: str, party: Party, run: Run) -> None:
    party.providers = Providers(open_fetch(is_async=face == "async"))
    with pytest.raises(Unavailable):
        run(party.begin())
