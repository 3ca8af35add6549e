"""The one read that every request may need, as its driver takes it: compiled once by SQLAlchemy, then run without it.

SQLAlchemy takes three times as long to run a statement as SQLite takes to answer it. What goes wrong here is told and
mended by running the same statement the ordinary way.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

Reader = Callable[[Any], Any]
Selected = sa.Select[Any] | sa.CompoundSelect[Any]


class Prepared:
    """A select whose parameters are ``v0``, ``v1``, …; it may bind one more than once."""

    __slots__ = ("_named", "_places", "_readers", "_sql")

    def __init__(self, statement: Selected, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._sql = str(compiled)
        self._named = not compiled.positional
        places = tuple(int(name.removeprefix("v")) for name in compiled.positiontup or ())
        self._places = () if places == tuple(range(len(places))) else places
        self._readers = tuple(_readers(statement, dialect))

    def rows(self, connection: sa.Connection, values: tuple[Any, ...]) -> Sequence[tuple[Any, ...]]:
        """Return the rows that the driver finds.

        Raises:
            Exception: whatever the driver raises.
        """
        bound: Any = values
        if self._named:
            bound = {f"v{place}": value for place, value in enumerate(values)}
        elif self._places:
            bound = tuple(values[place] for place in self._places)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql, bound)
            found: Sequence[tuple[Any, ...]] = cursor.fetchall()
        except BaseException:
            connection.invalidate()  # an answer may still be on its way, and would be taken for that to the next read
            raise
        cursor.close()
        return found if not self._readers else [self._read(row) for row in found]

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, reader in self._readers:
            values[place] = reader(values[place])
        return tuple(values)


def _readers(statement: Selected, dialect: Dialect) -> Iterator[tuple[int, Reader]]:
    """Give the place of each column whose values the driver does not give as we keep them, and what reads them."""
    for place, column in enumerate(statement.selected_columns):
        reader = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if reader is not None:
            yield place, reader
