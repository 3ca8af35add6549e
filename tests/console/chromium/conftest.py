"""One Chromium and one server of each colour for all tests here; a fresh browser profile and account for each.

They end with this folder's tests, not with the run: while playwright is there, its thread counts as having a loop.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.console.chromium.person import Person, at_browser, started
from tests.console.chromium.served import SERVERS, Site, served


@pytest.fixture(scope="package")
def chromium(chromium_program: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = started(playwright, chromium_program)
        yield browser
        browser.close()


@pytest.fixture(scope="package", params=SERVERS)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(request.param, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def how() -> dict[str, Any]:
    """What is special of the browser; a test module overrides this."""
    return {}


@pytest.fixture
def person(chromium: Browser, site: Site, how: dict[str, Any]) -> Iterator[Person]:
    """Ada, who owns an account and is not signed in. In the end the browser must not have complained of any page."""
    with at_browser(chromium, site, **how) as person:
        yield person
        assert person.complaints == []
