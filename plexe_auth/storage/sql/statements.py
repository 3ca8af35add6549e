"""Conditions, changes and queries as SQLAlchemy statements. Statements are built here and run elsewhere."""

import functools
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import Dialect

from plexe_auth.rows import Add, AnyOf, Compare, Condition, Delete, Greatest, Sums, Update, Value
from plexe_auth.storage.sql.prepared import Prepared, Selected
from plexe_auth.storage.sql.schema import SQL_TABLES
from plexe_auth.storage.tables import TABLES

Clause = sa.ColumnElement[Any]
Choices = tuple[tuple[str, str, bool], ...]  # a column, a sign, and whether it is compared with nothing


@dataclass(frozen=True, slots=True)
class Lookup:
    """A prepared `get`: the statement, and how to read its columns back into one row and the rows along with it."""

    statement: sa.Select[Any]
    prepared: Prepared
    names: tuple[str, ...]
    along: tuple[tuple[str, tuple[str, ...]], ...]

    def execute(self, connection: sa.Connection, values: tuple[Value, ...]) -> Sequence[tuple[Any, ...]]:
        """Return the rows that SQLAlchemy finds."""
        bound = {f"v{place}": value for place, value in enumerate(values)}
        return [tuple(row) for row in connection.execute(self.statement, bound)]

    def row(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """Return the row that `values` stand for."""
        start = len(self.names)
        row = dict(zip(self.names, values, strict=False))
        for name, names in self.along:
            part = values[start : start + len(names)]
            row[name] = None if part[0] is None else dict(zip(names, part, strict=True))
            start += len(names)
        return row


def lookup(dialect: Dialect, table: str, column: str, count: int, along: tuple[str, ...]) -> Lookup:
    """Return the `get` by `count` values, which are bound as ``v0``, ``v1``, …"""
    here = SQL_TABLES[table]
    source: sa.FromClause = here
    columns: list[Clause] = list(here.c)
    for name in along:
        there, on = _referred(here, table, name)
        source = source.outerjoin(there, on)
        columns.extend(there.c)
    wanted = sa.or_(sa.false(), *(here.c[column] == sa.bindparam(f"v{place}") for place in range(count)))
    parts = tuple((name, TABLES[TABLES[table].references[name][1]].names) for name in along)
    statement = sa.select(*columns).select_from(source).where(wanted)
    return Lookup(statement, Prepared(statement, dialect), TABLES[table].names, parts)


def page(
    name: str, where: Iterable[Choices], order: Iterable[str], *, goes_on: bool, dialect: str
) -> tuple[Selected, list[str]]:
    """Return the statement that pages have in common, and the columns of what it binds as ``v0``, ``v1``, …

    Last of all it binds the limit, which has no column.

    Args:
        name: the table.
        where: for each condition its choices: a column and a sign, and whether it is compared with nothing.
        order: by what it is sorted, greatest first.
        goes_on: whether it follows a page; then each column of `order` but the last is bound twice.
        dialect: whose statement it is.
    """
    table, columns, order = SQL_TABLES[name], list[str](), tuple(order)
    met = [(choices, _compared(table, choices, columns)) for choices in where]
    before = [_before([table.c[one] for one in order], columns)] if goes_on else []
    limit: sa.BindParameter[int] = sa.bindparam(f"v{len(columns)}", type_=sa.Integer())

    descending: list[Clause] = [sa.column(one, table.c[one].type).desc() for one in order]

    def first(found: Selected) -> Selected:
        return found.order_by(*descending).limit(limit).offset(_NONE_SKIPPED)

    ways = [clauses if _is_apart(choices, order) else [sa.or_(sa.false(), *clauses)] for choices, clauses in met]
    parts: list[Selected] = [sa.select(*table.c).where(*way, *before) for way in product(*ways)]
    if len(parts) == 1:
        return first(parts[0]), columns
    if dialect != "sqlite":  # which takes from each in turn what comes next; others read all that each of them says
        parts = [sa.select(*first(part).subquery().c) for part in parts]
    return first(sa.union_all(*parts)), columns


def _is_apart(choices: Choices, order: Iterable[str]) -> bool:
    """Whether the rows of each choice lie in order in an index, and those of all together do not.

    A database would have to read and sort all of them, where as many of each as are asked for are enough.
    """
    columns = {column for column, *_ in choices}
    return (
        len(choices) > 1
        and len(columns) == 1
        and not columns & {*order}
        and all(sign == "=" and not absent for _, sign, absent in choices)
    )


def sums(where: Iterable[Choices], added: Sums) -> tuple[sa.Select[Any], list[str]]:
    """Return the statement that sums have in common, and the columns of what it binds as ``v0``, ``v1``, …

    Args:
        where: as for `page`.
        added: what is told apart, and what is added up.
    """
    table, columns = SQL_TABLES[added.table], list[str]()
    apart: dict[str, Clause] = {added.by: table.c[added.by]}
    if added.per is not None:
        instant, step = table.c[added.per[0]], sa.literal_column(str(added.per[1]), sa.BigInteger())
        apart[added.per[0]] = instant - instant % step
    totals = {one: sa.cast(sa.func.sum(table.c[one]), sa.BigInteger()) for one in added.of}  # decimal numbers else
    told = [clause.label(column) for column, clause in (apart | totals).items()]
    found = sa.select(*told).where(*_met(table, where, columns)).group_by(*apart.values())
    if added.along is None:
        return found, columns
    whole = found.subquery()  # which is joined row by row, when there are few left
    there, on = _referred(whole, added.table, added.along[0])
    named: list[Clause] = [*whole.c, there.c[added.along[1]]]
    return sa.select(*named).select_from(whole.outerjoin(there, on)), columns


def _referred(here: sa.FromClause, table: str, name: str) -> tuple[sa.FromClause, Clause]:
    """Return where a reference of a table leads to, under its name, and what joins the two."""
    ours, other = TABLES[table].references[name]
    there = SQL_TABLES[other].alias(name)
    return there, here.c[ours] == there.c[TABLES[other].key]


def _compared(table: sa.Table, choices: Choices, columns: list[str]) -> list[Clause]:
    return [
        _bound_comparison(table.c[column], "" if absent else _bind(column, columns), sign, absent)
        for column, sign, absent in choices
    ]


def _met(table: sa.Table, where: Iterable[Choices], columns: list[str]) -> list[Clause]:
    return [sa.or_(sa.false(), *_compared(table, choices, columns)) for choices in where]


def _bind(column: str, columns: list[str]) -> str:
    columns.append(column)
    return f"v{len(columns) - 1}"


# Written out, for SQLAlchemy binds one of its own to SQLite's otherwise.
_NONE_SKIPPED: sa.ColumnElement[int] = sa.literal_column("0")


def _before(order: list[sa.Column[Any]], columns: list[str]) -> Clause:
    # Spelled out rather than as a row value, because MariaDB does not use an index for a comparison of row values.
    first, *rest = order

    def bound() -> sa.BindParameter[Any]:
        return sa.bindparam(_bind(first.name, columns), type_=first.type)

    if not rest:
        return first < bound()
    return sa.and_(first <= bound(), sa.or_(first < bound(), _before(rest, columns)))


def insert(table: str) -> sa.Insert:
    """Return the statement that adds a row."""
    return SQL_TABLES[table].insert()


def ensure(table: str, dialect: str) -> sa.Insert:
    """Return the statement that adds a row unless its primary key is there."""
    target, key = SQL_TABLES[table], TABLES[table].key
    if dialect == "postgresql":
        return postgresql.insert(target).on_conflict_do_nothing(index_elements=[key])
    if dialect == "sqlite":
        return sqlite.insert(target).on_conflict_do_nothing(index_elements=[key])
    return mysql.insert(target).on_duplicate_key_update({key: target.c[key]})


def update(change: Update) -> sa.Update:
    """Return the statement that sets columns of the rows that match."""
    table = SQL_TABLES[change.table]
    return table.update().where(*_all(table, change.where)).values(_values(table, change.set))


def shaped_update(name: str, where: Iterable[tuple[str, str, bool]], values: Iterable[tuple[str, type]]) -> sa.Update:
    """Return the statement that updates have in common; what they differ in is bound as ``w0``, … and ``s0``, …

    Args:
        name: the table.
        where: a column and a sign for each comparison, and whether it is with nothing.
        values: a column, and `Add`, `Greatest` or anything else for a plain value.
    """
    table = SQL_TABLES[name]
    compared = [_bound_comparison(table.c[one[0]], f"w{place}", *one[1:]) for place, one in enumerate(where)]
    new = {column: _bound_value(table.c[column], f"s{place}", how) for place, (column, how) in enumerate(values)}
    return table.update().where(*compared).values(new)


def _bound_comparison(column: sa.Column[Any], name: str, sign: str, absent: bool) -> Clause:
    if absent:
        return column.is_(None) if sign == "=" else column.is_not(None)
    bound = sa.bindparam(name, type_=column.type)
    return column.is_distinct_from(bound) if sign == "!=" else _SIGNS[sign](column, bound)


_SIGNS: Mapping[str, Any] = {"=": operator.eq, "<=": operator.le, ">": operator.gt}


def _bound_value(column: sa.Column[Any], name: str, how: type) -> Any:
    bound: sa.BindParameter[Any] = sa.bindparam(name, type_=column.type)
    if how is Add:
        return column + bound
    return sa.case((column > bound, column), else_=bound) if how is Greatest else bound


def delete(change: Delete) -> sa.Delete:
    """Return the statement that removes the rows that match."""
    table = SQL_TABLES[change.table]
    return table.delete().where(*_all(table, change.where))


@functools.cache
def spend(dialect: str) -> sa.Insert:
    """Return the statement that counts one more in a budget, bound as ``bucket``, ``cap``, ``now`` and ``ends``."""
    table = SQL_TABLES["budgets"]
    first: dict[str, Any] = {
        "bucket": sa.bindparam("bucket"),
        "count": 1,
        "resets_at": sa.bindparam("ends", type_=sa.BigInteger()),
    }
    over = table.c.resets_at <= sa.bindparam("now", type_=sa.BigInteger())
    more = sa.case((table.c.count < sa.bindparam("cap", type_=sa.BigInteger()), table.c.count + 1), else_=table.c.count)
    # `count` comes first: MariaDB and MySQL assign in order, and `over` must still see the old `resets_at`.
    later = [
        ("count", sa.case((over, 1), else_=more)),
        ("resets_at", sa.case((over, first["resets_at"]), else_=table.c.resets_at)),
    ]
    if dialect == "postgresql":
        return postgresql.insert(table).values(first).on_conflict_do_update(index_elements=["bucket"], set_=dict(later))
    if dialect == "sqlite":
        return sqlite.insert(table).values(first).on_conflict_do_update(index_elements=["bucket"], set_=dict(later))
    return mysql.insert(table).values(first).on_duplicate_key_update(later)


@functools.cache
def spent() -> sa.Select[Any, Any]:
    """Return the statement that reads a budget, bound as ``bucket``."""
    table = SQL_TABLES["budgets"]
    return sa.select(table.c.count, table.c.resets_at).where(table.c.bucket == sa.bindparam("bucket"))


def _all(table: sa.Table, where: Iterable[Condition]) -> list[Clause]:
    return [_clause(table, condition) for condition in where]


def _clause(table: sa.Table, condition: Condition) -> Clause:
    if isinstance(condition, AnyOf):
        return sa.or_(*(_comparison(table, choice) for choice in condition.choices))
    return _comparison(table, condition)


def _comparison(table: sa.Table, condition: Compare) -> Clause:
    column, value = table.c[condition.column], condition.value
    if condition.sign == "<=":
        return column <= value
    if condition.sign == ">":
        return column > value
    if condition.sign == "!=":
        return column.is_not(None) if value is None else column.is_distinct_from(value)
    return column.is_(None) if value is None else column == value


def _values(table: sa.Table, values: Mapping[str, Value | Add | Greatest]) -> dict[str, Any]:
    return {name: _value(table.c[name], value) for name, value in values.items()}


def _value(column: sa.Column[Any], value: Value | Add | Greatest) -> Any:
    if isinstance(value, Add):
        return column + value.amount
    if isinstance(value, Greatest):
        return sa.case((column > value.value, column), else_=value.value)
    return value
