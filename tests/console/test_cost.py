"""A page costs at most three reads of the store, that of the session among them, however much there is to show."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plexe_auth.console.routes import PAGES
from tests.conftest import Clock
from tests.console.browser import FACES, Browser
from tests.console.conftest import ACCOUNT, PASSWORD
from tests.stores import sqlite_url

MOST = 3


class Reads:
    """Counts what a store is asked."""

    def __init__(self, store: Any) -> None:
        self.told: list[str] = []
        for verb in ("get", "page", "sums"):
            setattr(store, verb, self.counting(getattr(store, verb)))

    def counting(self, verb: Any) -> Any:
        async def counted(*args: Any, **kwargs: Any) -> Any:
            self.told.append(f"{verb.__name__} {args[0]}")
            return await verb(*args, **kwargs)

        return counted


PATHS = [one.path for one in PAGES.all if one.method == "GET" and one.needs is not None]
PATHS.remove("/logs/export")  # a file is as long as it is


@pytest.fixture
def store_url(tmp_path: Path, sqlite_template: Path) -> str:
    """One that others may have changed meanwhile."""
    return sqlite_url(sqlite_template, tmp_path, rollback=False)


@pytest.fixture(params=["remembered", "unsure", "anew", "altered"])
def before(
    request: pytest.FixtureRequest,
    auth: Any,
    kind: str,
    store_url: str,
    opened: Callable[..., Any],
    clock: Clock,
    owner: Any,
) -> Callable[[], object]:
    """Brings about that whoever comes is remembered; or is, but somebody has changed something; or is not at all.

    Or somebody has changed them themselves.
    """
    world = (getattr(auth, "awaited", None) or auth).world
    if request.param == "remembered":
        return lambda: None
    if request.param == "anew":
        return world.session_cache.renew
    there = opened(FACES[kind], store_url, clock=clock)
    if request.param == "altered":
        there.users.create("grace@example.com", PASSWORD, account_id=ACCOUNT, role="owner")
        return lambda: there.users.change_role(owner.id, "admin")
    return lambda: there.accounts.suspend("acct_2")


@pytest.mark.parametrize("path", PATHS)
def test_a_page_costs_at_most_three_reads(ada: Browser, auth: Any, path: str, before: Callable[[], object]) -> None:
    key = auth.keys.create(ACCOUNT, name="CI").key
    ada.get(path.replace("{id}", key.id), follow=False)  # whoever comes first has the log begin its chain
    before()
    reads = Reads((getattr(auth, "awaited", None) or auth).world.store)
    ada.get(path.replace("{id}", key.id), follow=False)
    assert len(reads.told) <= MOST, reads.told
