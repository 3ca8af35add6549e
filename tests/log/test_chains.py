"""What somebody does to the stored log shows: an entry altered, removed, added or moved, or a chain that is gone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth.bridge import finish
from plexe_auth.journal.chain import chained, entry_id
from plexe_auth.model.note import Note
from plexe_auth.rows import Change, Compare, Delete, Insert, Query, Update, equal
from plexe_auth.service.committing import commit
from tests.conftest import Clock
from tests.log.lines import AT, verified
from tests.log.test_log import write
from tests.log.wired import closed, wired

SECOND = 1_000_000


class Tampered:
    """A log of nine entries by one writer, and one by another, in a store that anybody can reach into."""

    def __init__(self, auth: Any) -> None:
        self.auth = auth
        write(auth, *(verified(number, at=AT + number * SECOND) for number in range(1, 10)))
        auth.log.flush()
        finish(commit(auth.world, notes=[Note("account.suspend", "acct")]))
        rows = {row["id"]: row for row in self.rows("writers")}
        self.writer = next(name for name, row in rows.items() if row["position"] == 9)
        self.other = next(name for name in rows if name not in ("*", self.writer))

    def rows(self, table: str) -> list[Any]:
        return list(finish(self.auth.world.store.page(Query(table, (), ("id",), None, 1000))))

    def row(self, number: int) -> Any:
        return next(row for row in self.rows("entries") if row["id"] == entry_id(self.writer, number))

    def change(self, *changes: Change) -> None:
        finish(self.auth.world.store.commit(*changes))

    def entry(self, number: int) -> tuple[Any, ...]:
        return (equal("id", entry_id(self.writer, number)),)

    def found(self) -> set[tuple[str, int, int]]:
        verified = self.auth.log.verify()
        assert verified.ok == (not verified.broken)
        assert {one.writer for one in verified.broken} <= {self.writer}
        return {(one.what, one.number, one.last) for one in verified.broken}


@pytest.fixture
def log(opened: Any, clock: Clock) -> Iterator[Tampered]:
    auth = wired(opened("blocking", "memory://", clock=clock))
    yield Tampered(auth)
    closed(auth)


def test_a_log_that_nobody_touched_is_whole(log: Tampered) -> None:
    verified = log.auth.log.verify()
    assert (verified.ok, verified.entries, verified.broken) == (True, 10, ())


@pytest.mark.parametrize("column", ["detail", "path", "account_id", "outcome", "kind", "chained"])
def test_H14_an_altered_entry_shows(log: Tampered, column: str) -> None:
    log.change(Update("entries", log.entry(4), {column: {"chained": bytes(32), "kind": 5}.get(column, "x")}))
    assert ("altered", 4, 4) in log.found()


def test_H14_an_entry_that_was_forged_with_its_hash_shows_at_the_next(log: Tampered) -> None:
    forged = {**log.row(4), "detail": "x"}
    hashed = chained(log.row(3)["chained"], forged)
    log.change(Update("entries", log.entry(4), {"detail": "x", "chained": hashed}))
    assert log.found() == {("altered", 5, 5)}


def test_H14_an_altered_time_shows(log: Tampered) -> None:
    log.change(Update("entries", log.entry(9), {"at": AT}))
    assert log.found() == {("altered", 9, 9)}


@pytest.mark.parametrize(("first", "last"), [(1, 1), (4, 6), (9, 9), (1, 9)])
def test_H14_removed_entries_show_wherever_they_stood(log: Tampered, first: int, last: int) -> None:
    log.change(*(Delete("entries", log.entry(number)) for number in range(first, last + 1)))
    assert log.found() == {("missing", first, last)}


def test_H14_two_entries_that_changed_places_show(log: Tampered) -> None:
    one, other = log.row(3), log.row(7)
    log.change(
        Update("entries", log.entry(3), {**other, "id": one["id"]}),
        Update("entries", log.entry(7), {**one, "id": other["id"]}),
    )
    assert log.found() >= {("altered", 3, 3), ("altered", 7, 7)}


@pytest.mark.parametrize("number", [0, 10, 11])
def test_H14_an_entry_that_nobody_wrote_shows(log: Tampered, number: int) -> None:
    name = entry_id(log.writer, number) if number else "log_forged"
    log.change(Insert("entries", {**log.row(9), "id": name}))
    broken = log.auth.log.verify().broken
    assert [one.what for one in broken] == ["foreign"]
    assert broken[0].number == number


def test_H14_a_cut_off_tail_shows_although_its_writer_was_set_back(log: Tampered) -> None:
    log.change(Delete("entries", log.entry(9)), Update("writers", (equal("id", log.writer),), {"position": 8}))
    assert log.found() == {("altered", 8, 8)}


def test_H14_a_chain_that_is_gone_as_a_whole_is_missed(log: Tampered) -> None:
    gone = (Compare("id", "<=", entry_id(log.writer, 9)), Compare("id", ">", entry_id(log.writer, 0)))
    log.change(Delete("entries", gone, several=True), Delete("writers", (equal("id", log.writer),)))
    (broken,) = log.auth.log.verify().broken
    assert (broken.writer, broken.what) == ("*", "missing")


def test_H14_a_writer_that_is_gone_leaves_entries_that_nobody_wrote(log: Tampered) -> None:
    log.change(Delete("writers", (equal("id", log.writer),)))
    broken = log.auth.log.verify().broken
    assert {one.what for one in broken} == {"foreign", "missing"}
    assert len(broken) == 10


def test_what_is_purged_is_not_missed_and_the_rest_still_holds(log: Tampered, clock: Clock) -> None:
    assert log.auth.log.purge(before=clock.now + timedelta(seconds=4, microseconds=1)) == 5
    assert [one.request_id for one in log.auth.log.page().items] == ["9", "8", "7", "6", "5"]
    assert log.found() == set()
    write(log.auth, verified(10))
    assert log.auth.log.verify().entries == 6
    log.change(Update("entries", log.entry(5), {"detail": "x"}))
    assert log.found() == {("altered", 5, 5)}


def test_a_purge_of_everything_leaves_chains_that_go_on(log: Tampered, clock: Clock) -> None:
    assert log.auth.log.purge(before=clock.now + timedelta(days=1)) == 10
    assert log.auth.log.purge(before=clock.now + timedelta(days=1)) == 0
    assert (log.auth.log.verify().ok, log.auth.log.verify().entries) == (True, 0)
    write(log.auth, verified(10))
    assert log.found() == set()


def test_a_long_chain_is_cut_piece_by_piece(log: Tampered, clock: Clock) -> None:
    write(log.auth, *(verified(number) for number in range(2500)))
    assert log.auth.log.purge(before=clock.now + timedelta(days=1)) == 2510
    assert log.found() == set()
