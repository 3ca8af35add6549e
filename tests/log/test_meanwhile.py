"""A check of the log and a cut of it are right whatever is written or cut meanwhile, and whatever the clock did."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth.bridge import finish
from plexe_auth.rows import Delete, Insert, Query, equal
from tests.conftest import Clock
from tests.log.lines import AT, verified
from tests.log.test_log import write
from tests.log.wired import closed, wired

HOUR = 3_600_000_000


@pytest.fixture
def log(opened: Any, clock: Clock) -> Iterator[Any]:
    auth = wired(opened("blocking", "memory://", clock=clock))
    write(auth, *(verified(number) for number in range(1, 10)))
    auth.log.flush()
    yield auth
    closed(auth)


def once_at(auth: Any, table: str, act: Callable[[], None]) -> None:
    """Have `act` come right after the first page of that table was read."""
    store, left = auth.world.store._store, [act]
    real = store.page

    def page(query: Query) -> Any:
        rows = real(query)
        if query.table == table and left:
            left.pop()()
        return rows

    store.page = page


@pytest.mark.parametrize("table", ["writers", "entries"])
def test_a_check_misses_nothing_that_is_stored_while_it_looks(log: Any, table: str) -> None:
    once_at(log, table, lambda: write(log, verified(10), verified(11)))
    found = log.log.verify()
    assert (found.ok, found.broken) == (True, ())
    assert log.log.verify().entries == 11


@pytest.mark.parametrize("table", ["writers", "entries"])
def test_a_check_misses_nothing_that_is_cut_while_it_looks(log: Any, clock: Clock, table: str) -> None:
    write(log, *(verified(number, at=AT + HOUR) for number in range(10, 1500)))
    once_at(log, table, lambda: log.log.purge(before=clock.now + timedelta(minutes=1)))
    assert log.log.verify().broken == ()
    assert log.log.verify().entries == 1490


def test_a_cut_leaves_what_is_young_also_where_the_clock_was_set_back_after_it(log: Any, clock: Clock) -> None:
    write(log, verified(10, at=AT + HOUR), verified(11, at=AT - HOUR), "{torn", verified(12))
    assert log.log.purge(before=clock.now + timedelta(minutes=1)) == 9
    assert {one.request_id for one in log.log.page().items} >= {"10", "11", "12"}
    assert log.log.verify().ok


def test_H14_counting_chains_shows_also_one_too_many_and_a_count_that_is_gone(log: Any) -> None:
    (writer,) = (row for row in finish(log.world.store.page(Query("writers", (), ("id",)))) if row["id"] != "*")
    forged = writer | {"id": writer["id"][:-1] + "~", "position": 0}
    finish(log.world.store.commit(Insert("writers", forged)))
    assert [(one.writer, one.what) for one in log.log.verify().broken] == [("*", "foreign")]
    gone = (equal("id", forged["id"]),), (equal("id", "*"),)
    finish(log.world.store.commit(*(Delete("writers", where) for where in gone)))
    assert [(one.writer, one.what) for one in log.log.verify().broken] == [("*", "foreign")]
