"""No page keeps anybody out: axe-core finds nothing on any, in light and in dark, and none is wider than a phone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.console.chromium.pages import PAGES, Looked
from tests.console.chromium.person import Person, at_browser
from tests.console.chromium.served import Site, served

NARROW: ViewportSize = {"width": 360, "height": 780}
WIDE: ViewportSize = {"width": 1280, "height": 800}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

each_page = pytest.mark.parametrize("looked", PAGES, ids=[one.name for one in PAGES])


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Whoever serves them, the pages are the same."""
    with served("wsgi", tmp_path_factory.mktemp("barriers")) as site:
        yield site


def barriers(person: Person) -> list[str]:
    found: Any = person.page.evaluate("rules => axe.run(document, rules)", RULES)
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]


@each_page
def test_axe_finds_no_barrier_in_light_or_dark_wide_or_narrow(
    chromium: Browser, site: Site, axe_script: str, looked: Looked
) -> None:
    # The pages' policy forbids a script of others, and this is one: it is let in here alone.
    with at_browser(chromium, site, bypass_csp=True) as person:
        looked.open(person).page.evaluate(Path(axe_script).read_text())
        for scheme in ("light", "dark"):
            person.page.emulate_media(color_scheme=scheme)
            for size in (WIDE, NARROW):
                person.page.set_viewport_size(size)
                assert barriers(person) == [], (scheme, size)


@each_page
def test_no_page_is_wider_than_a_phone_and_none_complains(chromium: Browser, site: Site, looked: Looked) -> None:
    with at_browser(chromium, site, viewport=NARROW) as person:
        looked.open(person)
        assert person.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        assert person.complaints == []
