"""Pages and totals are found by an index that is in the right order already, however long the log is."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Clock
from tests.log.lines import verified
from tests.log.test_log import write
from tests.log.wired import closed, opened
from tests.stores import sqlite_url

OWNED = [
    {"account_id": "acct"},
    {"key_id": "key_one"},
    {"user_id": "user_one"},
    {"account_id": "acct", "outcome": "denied"},
]
OPEN = [{}, {"action": "key.revoke"}, {"outcome": "denied"}, {"action": "key.verify", "outcome": "denied"}]


@pytest.fixture
def log(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Any:
    auth = opened(sqlite_url(sqlite_template, tmp_path, rollback=False), clock=clock)
    write(auth, *(verified(number) for number in range(50)))
    auth.log.flush()
    yield auth
    closed(auth)
    auth.close()


def plans(auth: Any, act: Any) -> list[str]:
    """Return how SQLite goes about each select of `act`."""
    (held,) = auth.world.store._store.connections._idle
    connection: sqlite3.Connection = held.connection.driver_connection
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    act()
    connection.set_trace_callback(None)
    selects = [one for one in statements if one.startswith("SELECT")]
    return [step for one in selects for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {one}")]


@pytest.mark.parametrize("asked", OWNED + OPEN, ids=str)
@pytest.mark.parametrize("spanned", [False, True], ids=["all", "span"])
def test_a_page_is_found_by_an_index_and_never_sorted(log: Any, clock: Clock, asked: Any, spanned: bool) -> None:
    span = {"since": clock.now - timedelta(days=1), "until": clock.now + timedelta(days=1)} if spanned else {}
    after = log.log.page(limit=10).next
    found = plans(log, lambda: log.log.page(**asked, **span, after=after, limit=10))
    assert found
    assert [step for step in found if "plexe_auth_entries_by_" not in step or "TEMP B-TREE" in step] == []
    assert [step for step in found if step.startswith("SCAN")] == []


def test_totals_are_found_by_an_index(log: Any, clock: Clock) -> None:
    found = plans(log, lambda: log.usage.totals("acct", clock.now - timedelta(days=30), clock.now, by="day"))
    assert found
    tables = [step for step in found if "plexe_auth_" in step]
    assert ["_by_account_id_hour_id" in step for step in tables if "plexe_auth_usage" in step] == [True]
    assert [step for step in tables if not step.startswith("SEARCH")] == []
