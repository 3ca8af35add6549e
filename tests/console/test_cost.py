"""A page costs at most three reads of the store, that of the session among them, however much there is to show."""

from typing import Any

import pytest

from plexe_auth.console.routes import PAGES
from tests.console.browser import Browser
from tests.console.conftest import ACCOUNT

MOST = 3


class Reads:
    """Counts what a store is asked."""

    def __init__(self, store: Any) -> None:
        self.told: list[str] = []
        for verb in ("get", "page"):
            setattr(store, verb, self.counting(getattr(store, verb)))

    def counting(self, verb: Any) -> Any:
        async def counted(*args: Any, **kwargs: Any) -> Any:
            self.told.append(f"{verb.__name__} {args[0]}")
            return await verb(*args, **kwargs)

        return counted


PATHS = [one.path for one in PAGES.all if one.method == "GET" and one.needs is not None]
PATHS.remove("/logs/export")  # a file is as long as it is


@pytest.mark.parametrize("path", PATHS)
def test_a_page_costs_at_most_three_reads(ada: Browser, auth: Any, path: str) -> None:
    key = auth.keys.create(ACCOUNT, name="CI").key
    ada.get(path.replace("{id}", key.id), follow=False)  # whoever comes first has the log begin its chain
    reads = Reads((getattr(auth, "awaited", None) or auth).world.store)
    ada.get(path.replace("{id}", key.id), follow=False)
    assert 1 <= len(reads.told) <= MOST, reads.told
