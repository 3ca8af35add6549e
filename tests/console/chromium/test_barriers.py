"""No page keeps anybody out, light or dark, wide or as narrow as a phone, and the browser complains of none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from tests.console.chromium.pages import PAGES, Looked
from tests.console.chromium.person import at_browser
from tests.console.chromium.served import Site, served

NARROW: ViewportSize = {"width": 360, "height": 780}
WIDE: ViewportSize = {"width": 1280, "height": 800}
LOOKS: tuple[tuple[Literal["light", "dark"], ViewportSize], ...] = (("light", WIDE), ("dark", NARROW))
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

each_page = pytest.mark.parametrize("looked", PAGES, ids=[one.name for one in PAGES])


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Whoever serves them, the pages are the same."""
    with served("wsgi", tmp_path_factory.mktemp("barriers")) as site:
        yield site


def let_in(page: Page, axe_script: str) -> Page:
    """Put axe-core in by the line of the browser's own tools: the pages' policy forbids a script of others."""
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": Path(axe_script).read_text()})
    return page


def barriers(page: Page) -> list[str]:
    found: Any = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]


@each_page
def test_nothing_on_a_page_keeps_anybody_out(chromium: Browser, site: Site, axe_script: str, looked: Looked) -> None:
    with at_browser(chromium, site) as person:
        page = let_in(looked.open(person).page, axe_script)
        for scheme, size in LOOKS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            assert barriers(page) == [], scheme
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert person.complaints == []


def test_a_barrier_is_found(chromium: Browser, site: Site, axe_script: str) -> None:
    with at_browser(chromium, site) as person:
        page = let_in(person.go("/sign-in").page, axe_script)
        page.evaluate("document.querySelector('label').remove()")
        assert any(found.startswith("label: ") for found in barriers(page))
