"""Signing in at a provider through the Console: for one browser, back to where the settings say, and once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from plexe_auth import Settings
from plexe_auth.console.cookies import STATE
from plexe_auth.model.cookie import NAME
from plexe_auth.model.provider import github, oidc
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.console.browser import FACES, Browser
from tests.people.test_oauth import GitHub, awaited

BACK = "/sign-in/with/github/callback"
WANTED = "/console/keys?status=active"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    others = (github("id", "s3cret"), oidc("acme", "https://id.example.com", "id", "s3cret"))
    return replace(settings, oauth=others)


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


def begun(browser: Browser, **fields: str) -> dict[str, str]:
    """What the authorization request says."""
    answer = browser.get(f"/sign-in/with/github?next={WANTED}", follow=False, **fields)
    url = urlsplit(answer.header("location") or "")
    assert (answer.status, url.netloc) == (303, "github.com")
    return {name: value for name, [value] in parse_qs(url.query).items()}


def back(browser: Browser, state: str, **more: str) -> Any:
    return browser.get(f"{BACK}?{urlencode({'state': state, 'code': 'c0de', **more})}")


def test_the_page_names_each_provider_and_leads_to_it(browser: Browser) -> None:
    page = browser.get(f"/sign-in?next={WANTED}")
    assert "Continue with GitHub" in page.words
    assert "Continue with acme" in page.words
    assert f'href="/console/sign-in/with/github?next={WANTED.replace("?", "%3F").replace("=", "%3D")}"' in page.text
    assert 'href="/console/sign-in/with/acme?' in page.text


def test_whoever_comes_back_is_in_and_goes_on_to_where_they_wanted(browser: Browser, provider: GitHub) -> None:
    asked = begun(browser)
    assert asked["redirect_uri"] == f"http://localhost/console{BACK}"
    there = back(browser, asked["state"])
    assert (there.status, there.url.endswith(WANTED)) == (200, True)
    assert set(browser.cookies) == {NAME}


def test_where_the_provider_sends_people_back_is_not_the_requests_to_say(browser: Browser) -> None:
    asked = begun(browser, host="evil.example", x_forwarded_host="evil.example", x_forwarded_proto="https")
    assert asked["redirect_uri"] == f"http://localhost/console{BACK}"


def test_O01_a_callback_counts_in_the_browser_that_began_it_and_once(browser: Browser) -> None:
    asked = begun(browser)
    thief = browser.another()
    for planted in ({}, {STATE: "forged"}):
        thief.cookies = dict(planted)
        refused = back(thief, asked["state"])
        assert (refused.status, NAME in thief.cookies) == (422, False)
        assert refused.form("/sign-in").names
    kept = dict(browser.cookies)
    back(browser, asked["state"])
    thief.cookies = kept
    assert back(thief, asked["state"]).status == 422
    assert NAME not in thief.cookies


@pytest.mark.parametrize("query", ["", "?", "?x=1&x=1", "?%ff", "?" + "a=b&" * 50, "?code=a&code=b&state=c", "?next=/"])
def test_no_query_of_a_callback_does_more_than_to_be_refused(browser: Browser, query: str) -> None:
    begun(browser)
    answer = browser.get(BACK + query)
    assert answer.status == 422
    assert NAME not in browser.cookies


def test_who_does_not_agree_at_the_provider_can_sign_in_otherwise(browser: Browser) -> None:
    asked = begun(browser)
    query = {"state": asked["state"], "error": "access_denied", "error_description": "<b>evil</b>", "added": "later"}
    answer = browser.get(f"{BACK}?{urlencode(query)}")
    assert answer.status == 401
    assert "The sign-in was refused at the provider." in answer.words
    assert "evil" not in answer.text
    assert answer.form("/sign-in").names


@pytest.mark.parametrize("name", ["none", "github:github", "a%20b", "..", "GitHub"])
def test_a_provider_that_is_not_there_is_not_found(browser: Browser, name: str) -> None:
    assert browser.get(f"/sign-in/with/{name}").status == 404
    assert browser.get(f"/sign-in/with/{name}/callback?code=x").status == 404


def test_S14_whatever_is_no_path_of_ours_leads_to_the_first_page(browser: Browser) -> None:
    answer = browser.get("/sign-in/with/github?next=//evil.example", follow=False)
    [state] = parse_qs(urlsplit(answer.header("location") or "").query)["state"]
    assert back(browser, state).path == "/keys"
