"""While entries are stored, no row is held that others change too; and such rows are always taken in one order."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from itertools import groupby
from typing import Any

import pytest

from plexe_auth.journal.batch import batch
from plexe_auth.journal.chain import Chain, new_writer
from plexe_auth.rows import Ensure, Insert
from plexe_auth.storage.sql import engine
from tests.log.lines import verified
from tests.log.test_log import write
from tests.log.wired import closed, opened


def name(change: Any) -> str:
    """The key of the row that a change is about."""
    return str(change.row["id"] if isinstance(change, Insert | Ensure) else change.where[0].value)


def test_entries_come_before_rows_that_others_change_too_and_these_in_order() -> None:
    keys = [f"key_{number}" for number in (3, 1, 2, 1)]
    lines = [verified(number, key=key).encode() for number, key in enumerate(keys)]
    _chain, _inserts, changes = batch(Chain(new_writer()), lines)
    steps = [
        (kind.__name__, table, [name(change) for change in changes])
        for (kind, table), changes in groupby(changes, lambda change: (type(change), change.table))
    ]
    assert [step[:2] for step in steps] == [
        ("Insert", "entries"),
        ("Update", "keys"),
        ("Ensure", "usage"),
        ("Update", "usage"),
        ("Insert", "writers"),
        ("Ensure", "writers"),
        ("Update", "writers"),
    ]
    assert all(names == sorted(set(names)) for _kind, _table, names in steps)


class Stop:
    """Stops a store as soon as it has added entries, until it is told to go on."""

    def __init__(self, store: Any) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()
        self._make = store._make
        store._make = self

    def __call__(self, connection: Any, run: Any) -> Any:
        made = self._make(connection, run)
        if run.changes[0].table == "entries":
            self.reached.set()
            assert self.go_on.wait(30)
        return made


@pytest.mark.parametrize("store_url", ["postgresql", "mariadb"], indirect=True)
def test_a_process_that_is_frozen_while_it_stores_entries_keeps_nobody_from_storing_theirs(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle: Callable[..., None] = engine._settle
    monkeypatch.setattr(engine, "_settle", lambda pool, _patience: settle(pool, 2))  # a lock is soon given up on
    with ExitStack() as stack:
        frozen, other = opened(store_url), opened(store_url)
        for one in (frozen, other):
            stack.callback(one.close)
            stack.callback(closed, one)
        key = frozen.keys.create("acct", name="CI").key.id
        stop = Stop(frozen.world.store._store)
        stack.callback(stop.go_on.set)
        write(frozen, verified(1, key=key))
        assert stop.reached.wait(30)
        write(other, verified(2, key=key))
        other.log.flush()
        assert other.keys.get(key).last_used_at is not None
