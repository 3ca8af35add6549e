"""`python -m tests.console.pictures [NAME...]` takes the pictures of the Console for the documentation, or a few."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.console.chromium.pages import PAGES
from tests.console.chromium.person import at_browser, started
from tests.console.chromium.served import served
from tests.servers import chromium

FOLDER = Path(__file__).parents[2] / "docs" / "images"
LARGEST = 120_000  # bytes
HIGHEST = 800

WIDE, PHONE = {"width": 1120, "height": 640}, {"width": 390, "height": 780}
LOOKS: dict[str, Any] = {
    "light": {"color_scheme": "light", "viewport": WIDE},
    "dark": {"color_scheme": "dark", "viewport": WIDE},
    "phone": {"color_scheme": "light", "viewport": PHONE},
}


def main(names: list[str]) -> None:
    """Take the pictures of some pages, by default of all."""
    with (
        tempfile.TemporaryDirectory() as folder,
        chromium.running() as found,
        sync_playwright() as playwright,
        served("wsgi", Path(folder)) as site,
    ):
        browser = started(playwright, found.url)
        for one in (one for one in PAGES if not names or one.name in names):
            for look, how in LOOKS.items():
                with at_browser(browser, site, **how) as person:
                    take(one.open(person).page, FOLDER / "console" / f"{one.name}-{look}.png")
        browser.close()


def take(page: Page, file: Path) -> None:
    width, height = page.evaluate(
        "most => [innerWidth, Math.min(document.documentElement.scrollHeight, most)]", HIGHEST
    )
    file.parent.mkdir(exist_ok=True)
    page.screenshot(path=file, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    if (size := file.stat().st_size) > LARGEST:
        raise ValueError(f"{file.name} has {size:,} bytes")
    print(f"{file.name}: {size:,} bytes")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
