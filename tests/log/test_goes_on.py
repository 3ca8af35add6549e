"""The log goes on whatever somebody did to its rows, and a check shows what they did; nobody waits for ever."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from plexe_auth.bridge import finish
from plexe_auth.journal.chain import entry_id
from plexe_auth.model.note import Note
from plexe_auth.rows import Delete, Insert, Query, Row, Update, equal
from plexe_auth.service.committing import commit
from tests.log.lines import verified
from tests.log.test_log import numbers, write
from tests.log.wired import closed, wired


@pytest.fixture
def log(opened: Any, caplog: pytest.LogCaptureFixture) -> Iterator[Any]:
    caplog.set_level(logging.CRITICAL)
    auth = wired(opened("blocking", "memory://"))
    write(auth, *(verified(number) for number in range(1, 10)))
    auth.log.flush()
    yield auth
    closed(auth)


def rows(auth: Any, table: str) -> list[Row]:
    return list(finish(auth.world.store.page(Query(table, (), ("id",), None, 1000))))


def writer(auth: Any) -> Row:
    (row,) = (row for row in rows(auth, "writers") if row["id"] != "*")
    return row


def change(auth: Any, *changes: Any) -> None:
    finish(auth.world.store.commit(*changes))


def test_where_a_writers_row_is_gone_its_chain_goes_on_and_the_place_shows(log: Any) -> None:
    change(log, Delete("writers", (equal("id", writer(log)["id"]),)))
    write(log, verified(10), verified(11))
    assert sorted(map(int, numbers(log.log.page()))) == list(range(1, 12))
    assert {one.number for one in log.log.verify().broken} == {10}


def test_where_a_writers_row_was_set_back_nothing_is_stored_twice(log: Any) -> None:
    row = writer(log)
    set_back = {"position": 4, "head": bytes(32)}
    change(log, Update("writers", (equal("id", row["id"]),), set_back))
    write(log, verified(10))
    log.log.flush()
    assert numbers(log.log.page()).count("10") <= 1
    assert not log.log.verify().ok
    write(log, verified(11))
    assert "11" in numbers(log.log.page()) or not log.log.verify().ok


def test_where_somebody_put_an_entry_in_the_next_place_the_log_goes_on_and_it_shows(log: Any) -> None:
    name = writer(log)["id"]
    (ninth,) = (row for row in rows(log, "entries") if row["id"] == entry_id(name, 9))
    change(log, Insert("entries", {**ninth, "id": entry_id(name, 10)}))
    write(log, verified(10), verified(11), verified(12))
    assert {"11", "12"} <= set(numbers(log.log.page()))
    assert {one.number for one in log.log.verify().broken} >= {10}


def test_a_change_is_made_although_the_chain_that_was_lent_to_it_is_gone(log: Any) -> None:
    finish(commit(log.world, notes=[Note("account.suspend", "acct")]))
    for row in rows(log, "writers"):
        change(log, Delete("writers", (equal("id", row["id"]),)))
    finish(commit(log.world, notes=[Note("account.suspend", "acct")]))
    assert len(log.log.page(action="account.suspend").items) == 2


@pytest.mark.parametrize("outcome", ["odd", "", None, ["odd"]])
def test_a_line_with_an_outcome_that_there_is_not_stops_nothing(log: Any, outcome: Any) -> None:
    write(log, verified(10, outcome=outcome), verified(11))
    assert "11" in numbers(log.log.page())
    assert len(log.log.page(action="log.unreadable").items) == 1
    assert log.log.verify().entries == 11


def test_whoever_asks_a_log_that_was_just_closed_is_answered(opened: Any) -> None:
    auth = wired(opened("blocking", "memory://"))
    thread = auth.world.journal._started()
    closed(auth)
    assert thread.ask().result(10) is None
