"""Pages and totals are found by an index that is in the right order already, however long the log is."""

import itertools
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from plexe_auth.model.entry import line
from tests.conftest import Clock
from tests.log.lines import AT, verified
from tests.log.test_log import write
from tests.log.wired import closed, opened
from tests.stores import sqlite_url

OWNED = [
    {"account_id": "acct"},
    {"key_id": "key_one"},
    {"user_id": "user_one"},
    {"account_id": "acct", "outcome": "denied"},
    {"account_id": "acct", "action": "key.verify"},
    {"account_id": "acct", "action": "key.revoke", "outcome": "allowed"},
    {"account_id": "acct", "key_id": "key_one", "outcome": "denied"},
    {"account_id": "acct", "user_id": "user_one", "action": "session.verify"},
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
    """Return how SQLite goes about each select of `act`, and what it sorts that it took out of an index."""
    (held,) = auth.world.store._store.connections._idle
    connection: sqlite3.Connection = held.connection.driver_connection
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    act()
    connection.set_trace_callback(None)
    steps = [list(connection.execute(f"EXPLAIN QUERY PLAN {one}")) for one in statements if one.startswith("SELECT")]
    return [step for one in steps for *_, step in one if "plexe_auth_" in step or "TEMP B-TREE" in step]


@pytest.mark.parametrize("asked", OWNED + OPEN, ids=str)
@pytest.mark.parametrize("spanned", [False, True], ids=["all", "span"])
def test_a_page_is_found_by_an_index_and_never_sorted(log: Any, clock: Clock, asked: Any, spanned: bool) -> None:
    span = {"since": clock.now - timedelta(days=1), "until": clock.now + timedelta(days=1)} if spanned else {}
    after = log.log.page(limit=10).next
    found = plans(log, lambda: log.log.page(**asked, **span, after=after, limit=10))
    assert found
    assert [step for step in found if "plexe_auth_entries_by_" not in step or "TEMP B-TREE" in step] == []
    assert [step for step in found if step.startswith("SCAN")] == []


@pytest.mark.parametrize("asked", OWNED, ids=str)
def test_whose_entries_are_asked_for_by_the_fewest_and_by_their_kind(log: Any, asked: Any) -> None:
    narrowest = next(name for name in ("key_id", "user_id", "account_id") if name in asked)
    found = plans(log, lambda: log.log.page(**asked, limit=10))
    assert found
    index = f"plexe_auth_entries_by_{narrowest}_kind_at_turn ({narrowest}=? AND kind=?"
    assert [step for step in found if index not in step] == []


def steps(auth: Any, act: Any) -> int:
    """Return how many hundreds of steps SQLite takes for `act`."""
    (held,) = auth.world.store._store.connections._idle
    connection: sqlite3.Connection = held.connection.driver_connection
    taken = itertools.count()
    connection.set_progress_handler(lambda: next(taken) and None, 100)
    act()
    connection.set_progress_handler(None, 100)
    return next(taken)


MANY = 5_000
RARE: list[dict[str, str]] = [
    {"account_id": "acct", "outcome": "denied"},
    {"account_id": "acct", "action": "key.verify", "outcome": "denied"},
    {"account_id": "acct", "action": "key.revoke"},
    {"account_id": "acct", "action": "session.verify"},
    {"account_id": "little"},
    {"account_id": "little", "action": "key.verify", "outcome": "allowed"},
    {"account_id": "acct", "key_id": "key_rare"},
    {"account_id": "acct", "user_id": "user_rare"},
    {"key_id": "key_one", "outcome": "denied"},
    {"outcome": "denied"},
    {"action": "key.revoke"},
]


@pytest.mark.parametrize("asked", RARE, ids=str)
def test_what_is_rare_is_found_among_very_many_without_reading_these(log: Any, asked: dict[str, str]) -> None:
    old = ("denied", None, "key.verify"), ("allowed", None, "key.revoke"), ("allowed", None, "session.verify")
    write(log, *(line(AT - 9, action, outcome, code, "acct", "key_one") for outcome, code, action in old))
    write(log, verified(-1, at=AT - 9, account="little"), verified(-2, at=AT - 9, key="key_rare"))
    write(log, verified(-3, at=AT - 9, user_id="user_rare"))
    write(log, *(verified(number, at=AT + number) for number in range(MANY)))
    log.log.flush()
    found: list[Any] = []
    taken = steps(log, lambda: found.append(log.log.page(**asked, limit=10)))
    assert 1 <= len(found[0].items) <= 2
    assert taken * 100 < MANY  # to pass over an entry takes some steps, to find one by an index a few hundred


def test_totals_are_found_by_an_index(log: Any, clock: Clock) -> None:
    found = plans(log, lambda: log.usage.totals("acct", clock.now - timedelta(days=30), clock.now, by="day"))
    assert found
    tables = [step for step in found if "plexe_auth_" in step]
    assert ["_by_account_id_hour_id" in step for step in tables if "plexe_auth_usage" in step] == [True]
    assert [step for step in tables if not step.startswith("SEARCH")] == []
