"""Connections are lent for one read or one transaction; every one commits by itself until a transaction is begun.

`Pooled` lends from SQLAlchemy's pool and serves database servers. `Held` keeps its own few and serves SQLite, where
taking one from the pool would cost as much as the read.
"""

import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from plexe_auth.errors import Conflict, Unavailable

PATIENCE = 10  # seconds that anything of ours waits for a database: to connect, for a lock, for a free connection

_inherited: list[object] = []  # of a parent process: neither closed nor dropped here, which could disturb the parent's


class Connections(Protocol):
    """Lends connections."""

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Lend a connection for one read."""
        ...

    def writing(self) -> AbstractContextManager[sa.Connection]:
        """Lend a connection for one transaction."""
        ...

    def forget(self) -> None:
        """In a forked child: leave the parent's connections alone and begin with none."""
        ...

    def close(self) -> None:
        """Close every connection that is not lent."""
        ...


class Pooled:
    """Lends from the engine's own pool."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """See `Connections`."""
        return self._engine.connect()

    writing = reading

    def forget(self) -> None:
        """See `Connections`."""
        _inherited.append(self._engine.pool)
        self._engine.dispose(close=False)

    def close(self) -> None:
        """See `Connections`."""
        self._engine.dispose()


class Held:
    """Keeps the connections it has opened at hand. Writers of this process queue here, not in SQLite's busy loop."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._begin()

    def _begin(self) -> None:
        self._idle: list[sa.Connection] = []
        self._turn = threading.Lock()
        self._closed = False

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """See `Connections`."""
        return _Loan(self)

    @contextmanager
    def writing(self) -> Generator[sa.Connection]:
        """See `Connections`."""
        if not self._turn.acquire(timeout=PATIENCE):
            raise Unavailable
        try:
            with _Loan(self) as connection:
                yield connection
        finally:
            self._turn.release()

    def take(self) -> sa.Connection:
        """Return a connection that nobody else has."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._engine.connect()

    def give_back(self, connection: sa.Connection, *, sound: bool) -> None:
        """Keep a connection for the next one, if it is `sound`."""
        if sound and not self._closed and not connection.invalidated:
            self._idle.append(connection)
        else:
            connection.close()

    def forget(self) -> None:
        """See `Connections`."""
        _inherited.extend(self._idle)
        self._begin()

    def close(self) -> None:
        """See `Connections`."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()


class Single(Held):
    """Has one connection, for which everybody waits: a SQLite database in memory lives and dies with it."""

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """See `Connections`."""
        return self.writing()


class _Loan:
    """A connection for a while. It is sound after a refusal, but not after an error that says nothing of its state."""

    __slots__ = ("_connection", "_held")

    def __init__(self, held: Held) -> None:
        self._held = held

    def __enter__(self) -> sa.Connection:
        self._connection = self._held.take()
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._held.give_back(self._connection, sound=error is None or isinstance(error, Conflict | IntegrityError))
