"""Changes of one shape that follow each other are one statement, compiled once, which the driver runs for all of them.

SQLAlchemy takes many times as long to run a statement as a database takes to change a row.
"""

import functools
import itertools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from plexe_auth.errors import Conflict
from plexe_auth.rows import Add, Change, Compare, Ensure, Greatest, Insert, Update
from plexe_auth.storage.sql import statements
from plexe_auth.storage.sql.schema import writer
from plexe_auth.storage.tables import TABLES

Bound = Mapping[str, Any] | tuple[Any, ...]

# Rows in one statement where a driver lets other threads run at each statement and then waits for its turn again.
_GROUP = 100


class Uneven(Exception):
    """Some of several changes met a row and others did not; which of them, only running one by one can tell."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What changes have in common that are one statement.

    Attributes:
        kind: `Insert`, `Ensure` or `Update`.
        table: which table.
        where: the column and sign of each comparison, and whether it is with nothing.
        set: the columns that are set, and whether to a value, by `Add` or by `Greatest`.
        several: as in `Update`.
    """

    kind: type[Change]
    table: str
    where: tuple[tuple[str, str, bool], ...] = ()
    set: tuple[tuple[str, type], ...] = ()
    several: bool = False

    @property
    def may_run_together(self) -> bool:
        """Tell whether it can be told of each what it met, if every one met the same."""
        return self.kind is not Update or (TABLES[self.table].key, "=", False) in self.where


class Run(NamedTuple):
    """Changes that follow each other, and the shape they have in common; ``None`` for one that has none."""

    shape: Shape | None
    changes: Sequence[Change]


def shape(change: Change) -> Shape | None:
    """Return the shape of a change; ``None`` where it is compiled for itself."""
    if isinstance(change, Insert | Ensure):
        return _adding(isinstance(change, Insert), change.table)
    if not isinstance(change, Update):
        return None
    compared = [one for one in change.where if isinstance(one, Compare)]
    if len(compared) < len(change.where):
        return None
    where = tuple((one.column, one.sign, one.value is None) for one in compared)
    values = tuple((name, _how(value)) for name, value in change.set.items())
    return Shape(Update, change.table, where, values, change.several)


@functools.cache
def _adding(inserts: bool, table: str) -> Shape:
    return Shape(Insert if inserts else Ensure, table)  # the same one, which is equal at once


def _how(value: object) -> type:
    return type(value) if isinstance(value, Add | Greatest) else object


def runs(changes: Sequence[Change], *, together: bool) -> Iterator[Run]:
    """Give the changes in order, those in one list that may be run together. Updates are only where `together` is."""
    for of, found in itertools.groupby(changes, shape):
        run = list(found)
        if of is None or not of.may_run_together or (of.kind is Update and not together):
            yield from (Run(of, [one]) for one in run)
        else:
            yield Run(of, run)


def counts(of: Shape, run: Sequence[Change], met: int) -> tuple[int, ...]:
    """Return how many rows each change of a run met, where all of them together met so many.

    Raises:
        Conflict: one that wants one row did not meet it.
        Uneven: it cannot be told.
    """
    if of.kind is not Update:
        return (int(of.kind is Insert),) * len(run)
    each, rest = divmod(met, len(run))
    if not of.several and (each, rest) != (1, 0):
        raise Conflict
    if rest:
        raise Uneven
    return (each,) * len(run)


class Compiled:
    """The statement of a shape as its driver takes it, and what binds a change to it."""

    def __init__(self, of: Shape, dialect: Dialect) -> None:
        compiled = _statement(of, dialect).compile(dialect=dialect)
        self.sql: str = str(compiled)
        names = list(compiled.positiontup or ()) if compiled.positional else None
        self._in_order: Callable[[Mapping[str, Any]], Any] | None = None if names is None else _ordered(names)
        self._writers = tuple(_writers(of, dialect))
        self._grouped: str | None = _grouped(self.sql) if of.kind is Insert and dialect.name == "sqlite" else None

    def run(self, connection: sa.Connection, changes: Sequence[Change]) -> int:
        """Make changes of this shape, and return how many rows they met."""
        bound: list[Any] = [self._bound(change) for change in changes]
        if self._grouped is None or len(bound) < _GROUP:
            return connection.exec_driver_sql(self.sql, bound).rowcount
        for start in range(0, len(bound) - _GROUP + 1, _GROUP):
            group = bound[start : start + _GROUP]
            connection.exec_driver_sql(self._grouped, tuple(itertools.chain.from_iterable(group)))
        if rest := len(bound) % _GROUP:
            connection.exec_driver_sql(self.sql, bound[-rest:])
        return len(bound)

    def _bound(self, change: Change) -> Bound:
        values = _values(change)
        for name, write in self._writers:
            if values[name] is not None:
                values = {**values, name: write(values[name])}
        return values if self._in_order is None else self._in_order(values)


def _grouped(sql: str) -> str:
    head, values, row = sql.partition(" VALUES ")
    return head + values + ", ".join([row] * _GROUP)


def _ordered(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Any]:
    if len(names) > 1:
        return operator.itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def _statement(of: Shape, dialect: Dialect) -> sa.Insert | sa.Update:
    if of.kind is Insert:
        return statements.insert(of.table)
    if of.kind is Ensure:
        return statements.ensure(of.table, dialect.name)
    return statements.shaped_update(of.table, of.where, of.set)


def _writers(of: Shape, dialect: Dialect) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Give the name of each parameter that the driver does not take as we keep it, and what writes it."""
    for name, column in _columns(of).items():
        write = writer(of.table, column, dialect)
        if write is not None:
            yield name, write


def _columns(of: Shape) -> Mapping[str, str]:
    if of.kind is not Update:
        return {name: name for name in TABLES[of.table].names}
    compared = {f"w{place}": column for place, (column, _sign, absent) in enumerate(of.where) if not absent}
    return compared | {f"s{place}": column for place, (column, _how) in enumerate(of.set)}


def _values(change: Change) -> Mapping[str, Any]:
    if isinstance(change, Insert | Ensure):
        return change.row
    if not isinstance(change, Update):
        raise TypeError("only inserts, ensures and updates have a shape")
    compared = [one for one in change.where if isinstance(one, Compare)]
    bound: dict[str, Any] = {f"w{place}": one.value for place, one in enumerate(compared) if one.value is not None}
    return bound | {f"s{place}": _plain(value) for place, value in enumerate(change.set.values())}


def _plain(value: Any) -> Any:
    if isinstance(value, Add):
        return value.amount
    return value.value if isinstance(value, Greatest) else value
