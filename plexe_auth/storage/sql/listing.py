"""Pages or sums of one form are one statement, compiled once; what they differ in is bound by the driver itself.

SQLAlchemy takes several times as long to build and run such a statement as a database takes to answer it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from plexe_auth.rows import AnyOf, Query, Row, Sums
from plexe_auth.storage.sql import statements
from plexe_auth.storage.sql.prepared import Prepared, Selected
from plexe_auth.storage.sql.schema import writer
from plexe_auth.storage.tables import TABLES


class Form(NamedTuple):
    """What pages, or sums, have in common that are one statement.

    Attributes:
        table: which table.
        where: for each condition its choices: a column, a sign, and whether it is compared with nothing.
        order: by what it is sorted.
        goes_on: whether a page came before.
        added: for sums, how rows are added up, whichever they are.
    """

    table: str
    where: tuple[tuple[tuple[str, str, bool], ...], ...]
    order: tuple[str, ...] = ()
    goes_on: bool = False
    added: Sums | None = None


def parted(query: Query | Sums) -> tuple[Form, tuple[Any, ...]]:
    """Return the form of a query, and what it binds to the statement of that, in the order in which that names it."""
    where: list[tuple[tuple[str, str, bool], ...]] = []
    compared: list[Any] = []
    for condition in query.where:
        choices: list[tuple[str, str, bool]] = []
        # Each but once, for the rows of each may be read by themselves.
        for column, sign, value in dict.fromkeys(condition.choices) if isinstance(condition, AnyOf) else (condition,):
            choices.append((column, sign, value is None))
            if value is not None:
                compared.append(value)
        where.append(tuple(choices))
    if isinstance(query, Sums):
        return Form(query.table, tuple(where), added=query._replace(where=())), tuple(compared)
    after = query.after
    if after is not None:
        compared += _twice_but_the_last(after)
    return Form(query.table, tuple(where), query.order, after is not None), (*compared, query.limit)


def _twice_but_the_last(after: Sequence[Any]) -> Iterator[Any]:
    for place, value in enumerate(after, 1):
        yield from (value,) * (1 if place == len(after) else 2)


def _names(asked: Sums) -> tuple[str, ...]:
    """Return the columns of a row of sums, in the order in which they are selected."""
    per, along = (() if one is None else one[:1] for one in (asked.per, asked.along))
    return (asked.by, *per, *asked.of, *along)


class Listing:
    """The statement of a form as its driver takes it."""

    _statement: Selected

    def __init__(self, dialect: Dialect, of: Form) -> None:
        if of.added is None:
            self._statement, columns = statements.page(
                of.table, of.where, of.order, goes_on=of.goes_on, dialect=dialect.name
            )
            self._names = TABLES[of.table].names
        else:
            self._statement, columns = statements.sums(of.where, of.added)
            self._names = _names(of.added)
        self._prepared = Prepared(self._statement, dialect)
        writers = ((place, writer(of.table, column, dialect)) for place, column in enumerate(columns))
        self._writers = tuple((place, write) for place, write in writers if write is not None)

    def run(self, connection: sa.Connection, values: tuple[Any, ...]) -> Sequence[Row]:
        """Return the rows that the driver finds.

        Raises:
            Exception: whatever the driver raises.
        """
        found = self._prepared.rows(connection, self._written(values) if self._writers else values)
        return [dict(zip(self._names, row, strict=True)) for row in found]

    def run_slowly(self, connection: sa.Connection, values: tuple[Any, ...]) -> Sequence[Row]:
        """Return the rows that SQLAlchemy finds, which tells and mends what goes wrong."""
        named = {f"v{place}": value for place, value in enumerate(values)}
        return [dict(zip(self._names, row, strict=True)) for row in connection.execute(self._statement, named)]

    def _written(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        written = list(values)
        for place, write in self._writers:
            written[place] = write(written[place])
        return tuple(written)
