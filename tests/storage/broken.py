"""Stores that each break one sentence of the contract, in ways that stores have been broken before."""

import contextlib
import threading
import unicodedata
from collections.abc import Sequence
from typing import Any

from plexe_auth.errors import Conflict
from plexe_auth.rows import Add, Change, Delete, Ensure, Greatest, Insert, Query, Row, Spent, Update, Value
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.tables import TABLES
from plexe_auth.testing.contract.races import THREADS


class Meeting:
    """Where whoever has read waits until all of a race have: then each writes over what the others did."""

    def __init__(self) -> None:
        self._all_have_read = threading.Barrier(THREADS)

    def wait(self) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            self._all_have_read.wait(10)


class CheckThenWrite(MemoryStore):
    """Looks whether the row matches, and writes when all have looked."""

    def __init__(self) -> None:
        super().__init__()
        self._meeting = Meeting()

    def commit(self, *changes: Change) -> tuple[int, ...]:
        for change in changes:
            if isinstance(change, Update | Delete) and not change.several:
                if len(super().page(Query(change.table, change.where, (TABLES[change.table].key,)))) != 1:
                    raise Conflict
                self._meeting.wait()
        return super().commit(*(_blindly(change) for change in changes))


def _blindly(change: Change) -> Change:
    if not isinstance(change, Update | Delete) or change.several:
        return change
    key = TABLES[change.table].key
    where = tuple(one for one in change.where if getattr(one, "column", "") == key) or change.where
    if isinstance(change, Update):
        return Update(change.table, where, change.set, several=True)
    return Delete(change.table, where, several=True)


class WholeRow(MemoryStore):
    """Reads the row, changes its copy, and saves all of it when all have read."""

    def __init__(self) -> None:
        super().__init__()
        self._meeting = Meeting()

    def commit(self, *changes: Change) -> tuple[int, ...]:
        return super().commit(*(self._whole(change) for change in changes))

    def _whole(self, change: Change) -> Change:
        if not isinstance(change, Update) or change.table != "keys":
            return change
        row = next(iter(super().page(Query("keys", change.where, ("id",)))), {})
        self._meeting.wait()
        columns = {name: _computed(row.get(name), value) for name, value in change.set.items()}
        return Update(
            change.table, change.where, {**row, **columns} if not change.several or row else {}, change.several
        )


def _computed(held: Any, value: Any) -> Any:
    if isinstance(value, Add):
        return None if held is None else held + value.amount
    return max(held or 0, value.value) if isinstance(value, Greatest) else value


class OneByOne(MemoryStore):
    """Commits each change by itself."""

    def commit(self, *changes: Change) -> tuple[int, ...]:
        return tuple(super(OneByOne, self).commit(change)[0] for change in changes)


class Truthful(MemoryStore):
    """Answers with bools."""

    def commit(self, *changes: Change) -> tuple[int, ...]:
        return tuple(bool(count) for count in super().commit(*changes))


class Folding(MemoryStore):
    """Compares texts as MariaDB does by itself: without case, accents and trailing spaces."""

    def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        folded = [_folded(value) for value in values]
        with self._lock:
            rows = list(self._tables[table].values())
        for row in rows:
            if _folded(row[column]) in folded:
                return super().get(table, column, row[column], along=along)
        return None


def _folded(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    plain = unicodedata.normalize("NFKD", value).rstrip(" ").casefold()
    return "".join(character for character in plain if not unicodedata.combining(character))


class Unordered(MemoryStore):
    """Pages in the order in which rows came."""

    def page(self, query: Query) -> Sequence[Row]:
        return list(reversed(super().page(query)))


class Offset(MemoryStore):
    """Takes the cursor for one that includes its row."""

    def page(self, query: Query) -> Sequence[Row]:
        if query.after is None:
            return super().page(query)
        whole = super().page(Query(query.table, query.where, query.order, None, 1000))
        return [row for row in whole if tuple(row[name] for name in query.order) <= query.after][: query.limit]


class Upserting(MemoryStore):
    """Overwrites what is there when it inserts."""

    def commit(self, *changes: Change) -> tuple[int, ...]:
        for change in changes:
            key = TABLES[change.table].key
            if isinstance(change, Insert | Ensure) and super().get(change.table, key, change.row[key]):
                self._tables[change.table][change.row[key]].update(change.row)
                return tuple(1 for _ in changes)
        return super().commit(*changes)


class Trimming(MemoryStore):
    """Trims texts on their way in."""

    def commit(self, *changes: Change) -> tuple[int, ...]:
        return super().commit(*(_trimmed(change) for change in changes))


def _trimmed(change: Change) -> Change:
    if isinstance(change, Insert):
        return Insert(change.table, {k: v.strip() if isinstance(v, str) else v for k, v in change.row.items()})
    return change


class Rounding(MemoryStore):
    """Keeps integers as floating-point numbers do."""

    def commit(self, *changes: Change) -> tuple[int, ...]:
        return super().commit(*(_rounded(change) for change in changes))


def _rounded(change: Change) -> Change:
    if isinstance(change, Insert):
        return Insert(change.table, {k: int(float(v)) if type(v) is int else v for k, v in change.row.items()})
    return change


class Lending(MemoryStore):
    """Hands out the rows that it keeps."""

    def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        found = super().get(table, column, *values, along=along)
        return found if found is None or along else self._tables[table][found[TABLES[table].key]]


class Overdrawn(MemoryStore):
    """Reads a budget, and writes it when all have read."""

    def __init__(self) -> None:
        super().__init__()
        self._meeting = Meeting()
        self.spent: dict[str, Spent] = {}

    def spend(self, bucket: str, limit: int, window: int, now: int) -> Spent:
        held = self.spent.get(bucket)
        self._meeting.wait()
        count, resets_at = (0, now + window) if held is None or held.resets_at <= now else (held.count, held.resets_at)
        self.spent[bucket] = Spent(count + 1, resets_at)
        return Spent(min(count + 1, limit + 1), resets_at)


class Sliding(MemoryStore):
    """Begins the window anew with each one that is counted."""

    def spend(self, bucket: str, limit: int, window: int, now: int) -> Spent:
        spent = super().spend(bucket, limit, window, now)
        with self._lock:
            self._tables["budgets"][bucket]["resets_at"] = now + window
        return Spent(spent.count, now + window)


class Behind(MemoryStore):
    """Reads from a replica that lags by one commit."""

    def __init__(self) -> None:
        super().__init__()
        self._commits: list[tuple[Change, ...]] = []
        self._replica = MemoryStore()
        self._order = threading.Lock()

    def commit(self, *changes: Change) -> tuple[int, ...]:
        with self._order:
            counts = super().commit(*changes)
            for late in self._commits:
                self._replica.commit(*late)
            self._commits = [changes]
            return counts

    def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        return self._replica.get(table, column, *values, along=along)


class Absent(MemoryStore):
    """Takes an absent value for zero in comparisons."""

    def page(self, query: Query) -> Sequence[Row]:
        with self._lock:
            rows = [{name: 0 if value is None else value for name, value in row.items()} for row in self._all(query)]
        stand_in = MemoryStore()
        stand_in._tables[query.table] = {row[TABLES[query.table].key]: row for row in rows}
        return stand_in.page(query)

    def _all(self, query: Query) -> list[dict[str, Any]]:
        return list(self._tables[query.table].values())


class CloseOnce(MemoryStore):
    """Cannot be closed twice."""

    closed = False

    def close(self) -> None:
        if self.closed:
            raise RuntimeError("closed already")
        self.closed = True
