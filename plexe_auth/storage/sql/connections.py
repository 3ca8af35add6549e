"""Connections are lent for one read or one transaction; every one commits by itself until a transaction is begun.

`Pooled` lends from SQLAlchemy's pool and serves database servers. `Held` keeps its own few and serves SQLite, where
taking one from the pool would cost as much as the read.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from plexe_auth.errors import AuthError

_inherited: list[sa.Connection] = []  # of a parent process: never closed here, which could disturb the parent's


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

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """See `Connections`."""
        return _Loan(self._engine, self._idle)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """See `Connections`."""
        with self._turn, _Loan(self._engine, self._idle) as connection:
            yield connection

    def forget(self) -> None:
        """See `Connections`."""
        _inherited.extend(self._idle)
        self._begin()

    def close(self) -> None:
        """See `Connections`."""
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()


class Single(Held):
    """Has one connection, for which everybody waits: a SQLite database in memory lives and dies with it."""

    reading = Held.writing


class _Loan:
    """A connection for a while. It comes back unless it met an error that may have left it in an unknown state."""

    __slots__ = ("_connection", "_engine", "_idle")

    def __init__(self, engine: sa.Engine, idle: list[sa.Connection]) -> None:
        self._engine = engine
        self._idle = idle

    def __enter__(self) -> sa.Connection:
        try:
            self._connection = self._idle.pop()
        except IndexError:
            self._connection = self._engine.connect()
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is None or isinstance(error, AuthError | IntegrityError):
            self._idle.append(self._connection)
        else:
            self._connection.close()
