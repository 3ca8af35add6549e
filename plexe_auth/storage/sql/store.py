"""The waist on SQLAlchemy Core: a read is one statement, a commit is one transaction that its changes share."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import SQLAlchemyError

from plexe_auth.errors import Conflict
from plexe_auth.rows import Change, Delete, Query, Row, Spent, Sums, Update, Value
from plexe_auth.secret import Secret
from plexe_auth.storage.forking import forget_when_forked
from plexe_auth.storage.place import Place
from plexe_auth.storage.sql import failures, statements
from plexe_auth.storage.sql.connections import Connections
from plexe_auth.storage.sql.glance import Glance
from plexe_auth.storage.sql.listing import Listing, parted
from plexe_auth.storage.sql.place import of_url
from plexe_auth.storage.sql.runs import Compiled, Run, Shape, Uneven, counts, runs

T = TypeVar("T")

_ATTEMPTS = 8
_SHAPES = 256
_BEGIN = {"sqlite": "BEGIN IMMEDIATE"}  # the write lock first: two readers that both turn writers would lose updates


class SQLStore:
    """A `Store` over an engine whose connections commit by themselves.

    Attributes:
        glance: where a look at it costs next to nothing, whether anything was committed.
        caches: where nobody else can change a row, all that remember some.
        place: where the database is.
        again: the URL by which another process opens the same database.
    """

    def __init__(
        self,
        engine: sa.Engine,
        connections: Connections,
        glance: Glance | None = None,
        caches: "WeakSet[Any] | None" = None,
        again: Secret | None = None,
    ) -> None:
        self.glance: Glance | None = glance
        self.caches: WeakSet[Any] | None = caches
        self.place: Place = of_url(engine.url)
        self.again: Secret | None = again
        if glance is not None:
            forget_when_forked(glance)
        self._dialect = engine.dialect.name
        self._errors = (engine.dialect.loaded_dbapi.Error, SQLAlchemyError)
        self._lookup = functools.cache(functools.partial(statements.lookup, engine.dialect))
        self._listing = functools.lru_cache(_SHAPES)(functools.partial(Listing, engine.dialect))
        self._compiled = functools.lru_cache(_SHAPES)(functools.partial(_compiled, engine.dialect))
        self.connections = connections
        forget_when_forked(connections)

    def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        """See `Store.get`."""
        lookup = self._lookup(table, column, len(values), along)
        try:
            with self.connections.reading() as connection:
                found = lookup.prepared.rows(connection, values)
        except self._errors:
            found = self._read(lambda connection: lookup.execute(connection, values))
        if len(found) == 1:
            return lookup.row(found[0])
        rows = map(lookup.row, found)
        return min(rows, key=lambda row: values.index(row[column]), default=None)

    def page(self, query: Query | Sums) -> Sequence[Row]:
        """See `Store.page`."""
        form, values = parted(query)
        listing = self._listing(form)
        try:
            with self.connections.reading() as connection:
                return listing.run(connection, values)
        except self._errors:
            return self._read(lambda connection: listing.run_slowly(connection, values))

    sums = page  # which is another form of statement, and nothing else

    def commit(self, *changes: Change) -> tuple[int, ...]:
        """See `Store.commit`."""
        return self._write(lambda connection: self._all_made(connection, changes))

    def spend(self, bucket: str, limit: int, window: int, now: int) -> Spent:
        """See `Store.spend`."""
        cap = limit + 1
        bound: dict[str, str | int] = {"bucket": bucket, "cap": cap, "now": now, "ends": now + window}
        return self._write(lambda connection: self._spend(connection, bound, cap))

    def close(self) -> None:
        """See `Store.close`."""
        if self.glance is not None:
            self.glance.close()
        self.connections.close()

    def _spend(self, connection: sa.Connection, bound: dict[str, str | int], cap: int) -> Spent:
        connection.execute(statements.spend(self._dialect), bound)
        row = connection.execute(statements.spent(), {"bucket": bound["bucket"]}).mappings().one()
        return Spent(min(row["count"], cap), row["resets_at"])

    def _read(self, act: Callable[[sa.Connection], T]) -> T:
        return failures.attempted(lambda: self._reading(act), failures.disconnected, times=2)

    def _reading(self, act: Callable[[sa.Connection], T]) -> T:
        with self.connections.reading() as connection:
            return act(connection)

    def _write(self, act: Callable[[sa.Connection], T]) -> T:
        return failures.attempted(lambda: self._writing(act), failures.lost_race, _ATTEMPTS)

    def _writing(self, act: Callable[[sa.Connection], T]) -> T:
        with self.connections.writing() as connection:
            self._begin(connection)
            try:
                result = act(connection)
            except BaseException:
                _roll_back(connection)
                raise
            # Where this fails for another reason than a lost race, nobody knows whether it was done.
            connection.exec_driver_sql("COMMIT")
            return result

    def _begin(self, connection: sa.Connection) -> None:
        statement = _BEGIN.get(self._dialect, "BEGIN")
        try:
            connection.exec_driver_sql(statement)
        except SQLAlchemyError as error:
            if not failures.disconnected(error):
                raise
            connection.rollback()  # SQLAlchemy's own mark of the lost connection; nothing of ours had begun
            connection.exec_driver_sql(statement)

    def _all_made(self, connection: sa.Connection, changes: Sequence[Change]) -> tuple[int, ...]:
        try:
            return self._made(connection, changes, together=True)
        except Uneven:
            connection.exec_driver_sql("ROLLBACK")
            self._begin(connection)
            return self._made(connection, changes, together=False)

    def _made(self, connection: sa.Connection, changes: Sequence[Change], *, together: bool) -> tuple[int, ...]:
        met: list[int] = []
        for run in runs(changes, together=together):
            met += self._make(connection, run)
        return tuple(met)

    def _make(self, connection: sa.Connection, run: Run) -> tuple[int, ...]:
        if run.shape is not None:
            compiled = self._compiled(run.shape)
            return counts(run.shape, run.changes, compiled.run(connection, run.changes))
        return tuple(self._make_one(connection, change) for change in run.changes)

    def _make_one(self, connection: sa.Connection, change: Change) -> int:
        if not isinstance(change, Update | Delete):
            raise TypeError("what is added has a shape")
        statement = statements.update(change) if isinstance(change, Update) else statements.delete(change)
        count = connection.execute(statement).rowcount
        if count != 1 and not change.several:
            raise Conflict
        return count


def _compiled(dialect: Dialect, of: Shape) -> Compiled:
    return Compiled(of, dialect)


def _roll_back(connection: sa.Connection) -> None:
    try:
        connection.exec_driver_sql("ROLLBACK")
    except SQLAlchemyError:
        connection.invalidate()  # a database rolls back what it loses
