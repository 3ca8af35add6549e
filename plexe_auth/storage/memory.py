"""Rows in this process's memory: exact, quick, and gone with the process. For tests and for trying things out."""

import operator
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakSet

from plexe_auth.errors import Conflict
from plexe_auth.rows import (
    Add,
    AnyOf,
    Change,
    Condition,
    Delete,
    Ensure,
    Greatest,
    Insert,
    Query,
    Row,
    Spent,
    Update,
    Value,
)
from plexe_auth.storage.forking import forget_when_forked
from plexe_auth.storage.place import EPHEMERAL
from plexe_auth.storage.table import Table
from plexe_auth.storage.tables import TABLES

Rows = dict[Value, dict[str, Any]]
Undo = Callable[[], None]


class MemoryStore:
    """A `Store` that keeps its rows in dictionaries behind one lock.

    Attributes:
        caches: all that remember rows of this store. Nobody else can change one.
        place: it is nowhere that outlives the process.
    """

    def __init__(self) -> None:
        self.caches: WeakSet[Any] = WeakSet()
        self.place = EPHEMERAL
        self.forget()
        forget_when_forked(self)
        self._tables: dict[str, Rows] = {name: {} for name in TABLES}
        self._unique: dict[tuple[str, str], dict[Value, Value]] = defaultdict(dict)

    def forget(self) -> None:
        """In a forked child: a thread that held the lock does not exist here."""
        self._lock = threading.Lock()

    def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        """See `Store.get`."""
        with self._lock:
            row = next(filter(None, (self._one(TABLES[table], column, value) for value in values)), None)
            return None if row is None else {**row, **self._along(TABLES[table], row, along)}

    def page(self, query: Query) -> Sequence[Row]:
        """See `Store.page`."""

        def position(row: Row) -> tuple[Any, ...]:
            return tuple(row[column] for column in query.order)

        with self._lock:
            found = [row for row in self._tables[query.table].values() if _matches(row, query.where)]
            before = [row for row in found if query.after is None or position(row) < query.after]
            return [dict(row) for row in sorted(before, key=position, reverse=True)[: query.limit]]

    def commit(self, *changes: Change) -> tuple[int, ...]:
        """See `Store.commit`."""
        undo: list[Undo] = []
        with self._lock:
            try:
                return tuple(self._make(change, undo) for change in changes)
            except BaseException:
                for step in reversed(undo):
                    step()
                raise

    def spend(self, bucket: str, limit: int, window: int, now: int) -> Spent:
        """See `Store.spend`."""
        with self._lock:
            row = self._tables["budgets"].get(bucket)
            ended = row is None or row["resets_at"] <= now
            count, resets_at = (0, now + window) if row is None or ended else (row["count"], row["resets_at"])
            count = max(count, min(count, limit) + 1)
            self._tables["budgets"][bucket] = {"bucket": bucket, "count": count, "resets_at": resets_at}
            return Spent(min(count, limit + 1), resets_at)

    def close(self) -> None:
        """See `Store.close`."""

    def _one(self, table: Table, column: str, value: Value) -> dict[str, Any] | None:
        key = value if column == table.key else self._unique[table.name, column].get(value)
        return self._tables[table.name].get(key)

    def _along(self, table: Table, row: Row, along: Iterable[str]) -> Mapping[str, Row | None]:
        found: dict[str, Row | None] = {}
        for name in along:
            column, other = table.references[name]
            there = self._tables[other].get(row[column])
            found[name] = None if there is None else dict(there)
        return found

    def _make(self, change: Change, undo: list[Undo]) -> int:
        if isinstance(change, Insert):
            return self._insert(TABLES[change.table], change.row, undo)
        if isinstance(change, Ensure):
            if change.row[TABLES[change.table].key] not in self._tables[change.table]:
                self._insert(TABLES[change.table], change.row, undo)
            return 0
        return self._alter(change, undo)

    def _alter(self, change: Update | Delete, undo: list[Undo]) -> int:
        found = [row for row in self._candidates(change) if _matches(row, change.where)]
        if not change.several and len(found) != 1:
            raise Conflict
        for row in found:
            self._remove(TABLES[change.table], row, undo)
            if isinstance(change, Update):
                self._insert(TABLES[change.table], {**row, **_altered(row, change.set)}, undo)
        return len(found)

    def _candidates(self, change: Update | Delete) -> list[dict[str, Any]]:
        rows = self._tables[change.table]
        key = TABLES[change.table].key
        for condition in change.where:
            if not isinstance(condition, AnyOf) and condition.column == key and condition.sign == "=":
                return [rows[condition.value]] if condition.value in rows else []
        return list(rows.values())

    def _insert(self, table: Table, row: Row, undo: list[Undo]) -> int:
        rows, key = self._tables[table.name], row[table.key]
        if key in rows or any(row[column] in self._unique[table.name, column] for column in table.unique):
            raise Conflict
        kept = {name: row[name] for name in table.names}
        undo.append(lambda: self._forget(table, kept))
        self._remember(table, kept)
        return 1

    def _remove(self, table: Table, row: dict[str, Any], undo: list[Undo]) -> None:
        undo.append(lambda: self._remember(table, row))
        self._forget(table, row)

    def _remember(self, table: Table, row: dict[str, Any]) -> None:
        self._tables[table.name][row[table.key]] = row
        for column in table.unique:
            self._unique[table.name, column][row[column]] = row[table.key]

    def _forget(self, table: Table, row: dict[str, Any]) -> None:
        del self._tables[table.name][row[table.key]]
        for column in table.unique:
            del self._unique[table.name, column][row[column]]


def _matches(row: Row, where: Iterable[Condition]) -> bool:
    return all(_holds(row, condition) for condition in where)


def _holds(row: Row, condition: Condition) -> bool:
    if isinstance(condition, AnyOf):
        return any(_holds(row, choice) for choice in condition.choices)
    held = row[condition.column]
    if condition.sign == "=":
        return bool(held == condition.value)
    if condition.sign == "!=":
        return bool(held != condition.value)
    return held is not None and _COMPARE[condition.sign](held, condition.value)


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {"<=": operator.le, ">": operator.gt}


def _altered(row: Row, values: Mapping[str, Value | Add | Greatest]) -> dict[str, Value]:
    return {column: _value(row[column], value) for column, value in values.items()}


def _value(held: Any, value: Value | Add | Greatest) -> Value:
    if isinstance(value, Add):
        return None if held is None else int(held) + value.amount
    if isinstance(value, Greatest):
        return value.value if held is None else max(int(held), value.value)
    return value
