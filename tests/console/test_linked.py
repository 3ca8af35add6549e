"""Linked sign-ins in the Console: linked from its own pages after a recent proof, for one person, and unlinked."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from plexe_auth import Settings
from plexe_auth.console.cookies import STATE
from plexe_auth.model.provider import github
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.console.browser import FACES, Answer, Browser
from tests.console.conftest import ACCOUNT, PASSWORD, signed_in
from tests.console.test_cost import MOST, Reads
from tests.people.test_oauth import GitHub, awaited

BEGIN, BACK = "/security/linked/github/begin", "/security/linked/github/callback"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, oauth=(github("id", "s3cret"),))


@pytest.fixture
def provider() -> GitHub:
    return GitHub()


@pytest.fixture
def auth(
    kind: str, store_url: str, opened: Callable[..., Any], clock: Clock, settings: Settings, mailbox: Mailbox,
    provider: GitHub,
) -> Any:  # fmt: skip
    fetch = provider if kind == "wsgi" else awaited(provider)
    return opened(FACES[kind], store_url, clock=clock, settings=settings, mailer=mailbox, fetch=fetch)


def begun(browser: Browser, **fields: str) -> str:
    """The state of a new flow."""
    answer = browser.get(BEGIN, follow=False, **fields)
    url = urlsplit(answer.header("location") or "")
    assert (answer.status, url.netloc) == (303, "github.com")
    [back] = parse_qs(url.query)["redirect_uri"]
    assert back == f"http://localhost/console{BACK}"
    return parse_qs(url.query)["state"][0]


def back(browser: Browser, state: str, **more: str) -> Answer:
    return browser.get(f"{BACK}?{urlencode({'state': state, 'code': 'c0de', **more})}")


def test_a_sign_in_is_linked_and_unlinked(ada: Browser, auth: Any, owner: Any) -> None:
    assert "Nothing is linked." in ada.get("/security/linked").words
    page = back(ada, begun(ada), added="later")
    assert page.path == "/security/linked"
    assert "GitHub octo@example.com" in page.words
    assert STATE not in ada.cookies
    [linked] = auth.oauth.identities(owner.id)
    assert "Nothing is linked." in ada.submit(page, f"/{linked.id}/unlink").words
    assert auth.oauth.identities(owner.id) == ()


def test_what_one_began_links_nothing_to_another(ada: Browser, browser: Browser, auth: Any, owner: Any) -> None:
    eve = auth.users.create("eve@example.com", PASSWORD, account_id=ACCOUNT)
    other = signed_in(browser.another(), "eve@example.com")
    state = begun(ada)
    other.cookies[STATE] = ada.cookies[STATE]
    assert back(other, state).status in (401, 422)
    assert auth.oauth.identities(eve.id) == auth.oauth.identities(owner.id) == ()


def test_S16_a_link_of_somebody_else_is_the_same_as_none(ada: Browser, browser: Browser, auth: Any, owner: Any) -> None:
    back(ada, begun(ada))
    [linked] = auth.oauth.identities(owner.id)
    auth.users.create("eve@example.com", PASSWORD, account_id=ACCOUNT, role="owner")
    eve = signed_in(browser.another(), "eve@example.com")
    answers = [eve.post(f"/security/linked/{one}/unlink") for one in (linked.id, "0" * 64)]
    assert {(one.status, one.words) for one in answers} == {(404, answers[0].words)}
    assert auth.oauth.identities(owner.id) == (linked,)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_on_another_site_begins_nothing(ada: Browser, site: str, clock: Clock) -> None:
    for leads_to in ("/console/security/linked", "/console/confirm?next=/console/security/linked"):
        answer = ada.get(BEGIN, follow=False, sec_fetch_site=site)
        assert answer.header("location") == leads_to  # nor does it once they have proven who they are for it
        assert STATE not in ada.cookies
        clock.advance(timedelta(minutes=11))
    assert begun(signed_in(ada), sec_fetch_site="same-origin")


def test_S15_nothing_is_linked_or_unlinked_on_a_stale_proof(ada: Browser, auth: Any, owner: Any, clock: Clock) -> None:
    back(ada, begun(ada))
    [linked] = auth.oauth.identities(owner.id)
    clock.advance(timedelta(minutes=5))
    state, asked = begun(ada), len(auth.oauth.identities(owner.id))
    clock.advance(timedelta(minutes=6))
    late = back(ada, state)
    assert late.path == "/confirm"
    assert "c0de" not in late.url + late.text
    for answer in (ada.get("/security/linked"), ada.get(BEGIN), ada.post(f"/security/linked/{linked.id}/unlink")):
        assert answer.path == "/confirm"
    assert len(auth.oauth.identities(owner.id)) == asked == 1


def test_the_code_of_a_provider_is_not_handed_on_where_the_session_has_ended(
    ada: Browser, auth: Any, owner: Any
) -> None:
    state = begun(ada)
    auth.sessions.revoke_all(owner.id)
    late = back(ada, state)
    assert late.path == "/sign-in"
    assert "c0de" not in late.url + late.text
    assert state not in late.url + late.text


@pytest.mark.parametrize("query", ["", "?x=1&x=1", "?%ff", "?code=a&code=b&state=c", "?" + "a=b&" * 50])
def test_no_query_of_a_callback_does_more_than_to_be_refused(ada: Browser, query: str) -> None:
    begun(ada)
    answer = ada.get(BACK + query)
    assert answer.status == 422
    assert "Linked sign-ins" in answer.words


@pytest.mark.parametrize("name", ["none", "github:github", "a%20b", ".."])
def test_a_provider_that_is_not_there_is_not_found(ada: Browser, name: str) -> None:
    assert ada.get(f"/security/linked/{name}/begin").status == 404
    assert ada.get(f"/security/linked/{name}/callback?code=x").status == 404


def test_the_pages_on_the_way_cost_three_reads_at_most(ada: Browser, auth: Any) -> None:
    back(ada, begun(ada))
    reads = Reads((getattr(auth, "awaited", None) or auth).world.store)
    for ask in (lambda: ada.get("/security/linked"), lambda: begun(ada)):
        reads.told.clear()
        ask()
        assert 1 <= len(reads.told) <= MOST, reads.told
