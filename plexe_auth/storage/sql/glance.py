"""Whether anybody has committed to a SQLite file: ``PRAGMA data_version`` on a connection that itself changes nothing.

See https://www.sqlite.org/pragma.html#pragma_data_version. The header of the WAL index would tell the same for a tenth
of the time, but nobody else may open that file: closing it again would cancel SQLite's own locks in this process.
"""

import threading
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

_inherited: list[object] = []  # of a parent process: closing it here would drop the parent's locks on the file


class Glance:
    """Two equal answers mean that nothing was committed between them; ``None`` means that nobody can tell."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()  # two threads cannot use one cursor
        self._connection: Any = None
        self._ask: Callable[[str], Any]

    def __call__(self) -> object:
        """Return what the file looks like now."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._engine.raw_connection()
                    self._ask = self._connection.cursor().execute
                (version,) = self._ask("PRAGMA data_version").fetchone()
            except Exception:  # whatever the driver raises; whoever is told nothing looks for themselves
                self._drop()
                return None
            # Versions of two connections have nothing to do with each other.
            return self._connection, version

    def forget(self) -> None:
        """In a forked child: leave the parent's connection alone."""
        _inherited.append(self._connection)
        self._begin()

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
