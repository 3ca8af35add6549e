"""Whole logins at real providers of OpenID Connect, a certified one among them: through the service, on both faces."""

import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from plexe_auth import (
    Challenge,
    InvalidCredentials,
    InvalidRequest,
    InvalidSession,
    NotFound,
    Settings,
    SignedIn,
    Unavailable,
)
from plexe_auth.fetch.message import SECONDS
from plexe_auth.providers import PAUSE
from plexe_auth.secret import Secret
from tests.conftest import Clock
from tests.people.conftest import HOME, PASSWORD
from tests.people.oidc_provider import Browser
from tests.people.test_mfa import App
from tests.people.whole_logins import CALLBACK, Asked, Place, Visit, address_of, at
from tests.servers import oidc_provider
from tests.servers.oidc_provider import ALGORITHMS, ISSUERS, UNVERIFIED, VERIFIED_IN_A_TEXT
from tests.servers.starting import free_port

CERTIFIED = [f"{issuer} {algorithm}" for issuer in ISSUERS for algorithm in ALGORITHMS]
ONE_OF_EACH = ["nanoidp", "basic ES256", "post EdDSA"]

Visiting = Callable[..., Visit]

everywhere = pytest.mark.parametrize("place", ["nanoidp", "nanoidp post", *CERTIFIED], indirect=True)
at_one_of_each = pytest.mark.parametrize("place", ONE_OF_EACH, indirect=True)
at_both_issuers = pytest.mark.parametrize("place", ONE_OF_EACH[1:], indirect=True)


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    server = "nanoidp" if request.param.startswith("nanoidp") else "oidc_provider"
    return at(request.param, request.getfixturevalue(f"{server}_url"))


@pytest.fixture
def visiting(face: str, opened: Callable[..., Any], settings: Settings, asked: Asked) -> Visiting:
    """Opens a plexe_auth where people sign in at a place, and at others."""

    def visiting_(place: Place, *others: Place) -> Visit:
        oauth = tuple(one.provider for one in (place, *others))
        auth = opened(face, "memory://", settings=replace(settings, oauth=oauth), fetch=asked.fetch(face))
        return Visit(auth, place)

    return visiting_


@pytest.fixture
def visit(visiting: Visiting, place: Place) -> Visit:
    return visiting(place)


def nobody_is_here(visit: Visit, email: str) -> bool:
    with pytest.raises(NotFound):
        visit.auth.users.find(email)
    return True


def header(token: str) -> dict[str, Any]:
    part = token.partition(".")[0]
    told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return told


@everywhere
def test_somebody_signs_in_and_is_the_same_the_next_time(visit: Visit, place: Place, asked: Asked) -> None:
    first = visit.come()
    assert isinstance(first, SignedIn)
    assert (first.user.email, first.next, first.session.methods) == (place.email, "/keys", ("oauth",))
    assert visit.auth.sessions.verify(first.token.reveal()).user_id == first.user.id
    second = visit.come()
    assert (second.user.id, second.next) == (first.user.id, "/keys")
    assert second.session.id != first.session.id
    (linked,) = visit.auth.oauth.identities(first.user.id)
    assert (linked.provider, linked.email) == (place.provider.name, place.email)
    assert [header(one["id_token"])["alg"] for one in asked.tokens()] == [place.algorithm] * 2
    assert not place.userinfo or asked.of(place.userinfo) == 2
    assert len(asked.urls) == (6 if place.userinfo else 4), "the document and the keys once, then what is needed"


@at_one_of_each
def test_O14_nothing_that_a_real_provider_gave_stands_in_the_access_log(
    visit: Visit, place: Place, asked: Asked
) -> None:
    cookie, query = visit.begin()
    visit.complete(cookie, query)
    visit.auth.log.flush()
    told = repr(visit.auth.log.page())
    assert "session.sign_in" in told
    (tokens,) = asked.tokens()
    given = [tokens["access_token"], tokens["id_token"], *parse_qs(query)["code"], *parse_qs(query)["state"]]
    assert not [one for one in (*given, place.provider.client_secret.reveal(), cookie) if one in told]


@at_both_issuers
def test_O15_who_does_not_agree_at_the_provider_is_not_let_in(visit: Visit, place: Place, asked: Asked) -> None:
    cookie, query = visit.begin(agrees=False)
    assert parse_qs(query)["error"] == ["access_denied"]
    with pytest.raises(InvalidCredentials, match="refused at the provider"):
        visit.complete(cookie, query)
    assert asked.of("/token") == 0
    assert nobody_is_here(visit, place.email)
    assert visit.come(), "whoever changes their mind may"


@at_one_of_each
def test_O01_a_callback_that_is_replayed_asks_the_provider_nothing(visit: Visit, asked: Asked) -> None:
    cookie, query = visit.begin()
    first = visit.complete(cookie, query)
    before = list(asked.urls)
    with pytest.raises(InvalidRequest, match="used"):
        visit.complete(cookie, query)
    assert asked.urls == before
    assert visit.auth.sessions.verify(first.token.reveal()), "the session of the first stays"


@at_one_of_each
def test_O03_a_code_of_another_flow_is_refused_by_the_provider(visit: Visit, place: Place) -> None:
    (mine, query), (_theirs, other) = visit.begin(), visit.begin()
    injected = {**parse_qs(query), "code": parse_qs(other)["code"]}
    with pytest.raises(InvalidCredentials, match="no longer good"):
        visit.complete(mine, injected)
    assert nobody_is_here(visit, place.email)


@at_both_issuers
def test_O03_the_provider_takes_no_flow_without_our_challenge(visit: Visit, place: Place, asked: Asked) -> None:
    redirect = visit.auth.oauth.begin(place.provider.name, redirect_uri=CALLBACK)
    stripped = Browser(redirect.url.replace("code_challenge", "no_challenge"))  # and its method
    with pytest.raises(Unavailable):
        visit.complete(redirect.state_cookie, stripped.came_back)
    assert asked.of("/token") == 0


@pytest.mark.parametrize("place", ["basic ES256"], indirect=True)
def test_O02_a_callback_that_another_provider_sent_asks_nobody(
    visiting: Visiting, place: Place, oidc_provider_url: str, nanoidp_url: str, asked: Asked
) -> None:
    theirs, nameless = at("post ES256", oidc_provider_url), at("nanoidp", nanoidp_url)
    mine = visiting(place, theirs, nameless)
    other = Visit(mine.auth, theirs)
    (cookie, query), (their_cookie, their_query) = mine.begin(), other.begin()
    sent, from_them = parse_qs(query), parse_qs(their_query)
    unnamed = {name: value for name, value in sent.items() if name != "iss"}
    mixed_up = [
        (other, cookie, query),  # at the callback of another
        (Visit(mine.auth, nameless), cookie, unnamed),  # of one that does not name itself to browsers
        (mine, cookie, {**from_them, "state": sent["state"]}),  # the code and the name of another
        (mine, cookie, {**sent, "iss": from_them["iss"]}),
        (mine, cookie, unnamed),
        (mine, cookie, {**sent, "state": from_them["state"]}),
        (mine, their_cookie, their_query),
    ]
    for visit, brought, given in mixed_up:
        with pytest.raises(InvalidRequest, match="not begun in this browser"):
            visit.complete(brought, given)
    assert asked.of("/token") == 0
    assert mine.complete(cookie, query).user.id == other.complete(their_cookie, their_query).user.id


@at_both_issuers
def test_O15_a_wrong_secret_lets_nobody_in_and_stops_no_other_provider(
    visiting: Visiting, place: Place, nanoidp_url: str
) -> None:
    wrong = replace(place, provider=replace(place.provider, client_secret=Secret("wr0ng-canary")))
    visit = visiting(wrong, sound := at("nanoidp", nanoidp_url))
    with pytest.raises(Unavailable, match="answer cannot be used") as refused:
        visit.come()
    assert "canary" not in repr(refused.value.problem())
    assert nobody_is_here(visit, place.email)
    assert Visit(visit.auth, sound).come()


@at_both_issuers
@pytest.mark.parametrize("name", [UNVERIFIED, VERIFIED_IN_A_TEXT])
def test_O05_an_address_that_the_provider_has_not_verified_makes_and_links_nobody(visit: Visit, name: str) -> None:
    with pytest.raises(InvalidCredentials, match="no account"):
        visit.come(name)
    assert nobody_is_here(visit, address_of(name))
    owner = visit.auth.users.create(address_of(name), PASSWORD)
    with pytest.raises(InvalidCredentials, match="no account"):
        visit.come(name)
    assert visit.auth.oauth.identities(owner.id) == ()


@at_one_of_each
def test_M09_who_has_a_second_factor_is_asked_for_it(visit: Visit, clock: Clock) -> None:
    user = visit.come().user
    clock.now = datetime.now(UTC)
    app = App(visit.auth, user.id, clock)
    asked = visit.come()
    assert isinstance(asked, Challenge)
    assert asked.next == "/keys"
    with pytest.raises(InvalidSession):
        visit.auth.sessions.verify(asked.token.reveal())
    answered = visit.auth.sign_in.answer(asked.token.reveal(), method="recovery", response=app.codes[0], client=HOME)
    assert (answered.user.id, answered.session.methods) == (user.id, ("oauth", "recovery"))


def test_O12_keys_that_the_provider_has_changed_are_asked_for_once(visiting: Visiting, asked: Asked) -> None:
    port = free_port()
    with oidc_provider.running(port) as server:
        visit = visiting(at("basic ES256", server.url))
        first = visit.come()
    with oidc_provider.running(port):  # with keys of its own
        with pytest.raises(InvalidCredentials, match="verified"):
            visit.come()
        assert asked.of("/jwks") == 1, "they were asked for less than a minute ago"
        known = visit.auth.oauth._flow._known()
        known._elapsed = lambda: time.monotonic() + PAUSE
        assert [visit.come().user.id, visit.come().user.id] == [first.user.id] * 2
    assert asked.of("/jwks") == 2


@pytest.mark.parametrize("is_known", [False, True])
def test_O15_a_provider_that_is_gone_before_somebody_comes_back_lets_nobody_in(
    visiting: Visiting, asked: Asked, is_known: bool
) -> None:
    with oidc_provider.running() as server:
        visit = visiting(place := at("post RS256", server.url))
        if is_known:
            visit.auth.users.delete(visit.come().user.id)
        cookie, query = visit.begin()
    began = time.monotonic()
    with pytest.raises(Unavailable):
        visit.complete(cookie, query)
    assert time.monotonic() - began < SECONDS
    assert nobody_is_here(visit, place.email)
    before = len(asked.urls)
    with pytest.raises(InvalidRequest, match="used"):
        visit.complete(cookie, query)
    assert len(asked.urls) == before
