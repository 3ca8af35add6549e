"""Whether anybody has committed to a SQLite file: the header of its WAL index, or else ``PRAGMA data_version``.

See https://www.sqlite.org/pragma.html#pragma_data_version. It needs a connection that itself changes nothing; and while
one is open that has read something, the index stays where it is.
"""

import threading
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from plexe_auth.storage.sql.wal_index import wal_header

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
        self._header: Callable[[], bytes] | None = None

    def __call__(self) -> object:
        """Return what the file looks like now."""
        header = self._header
        return self._asked() if header is None else header()

    def _asked(self) -> object:
        with self._lock:
            try:
                if self._connection is None:
                    self._open()
                if self._header is not None:
                    return self._header()
                (version,) = self._ask("PRAGMA data_version").fetchone()
            except Exception:  # whatever the driver raises; whoever is told nothing looks for themselves
                self._drop()
                return None
            # Versions of two connections have nothing to do with each other.
            return self._connection, version

    def _open(self) -> None:
        self._connection = self._engine.raw_connection()
        self._ask = self._connection.cursor().execute
        (_place, _name, file) = self._ask("PRAGMA database_list").fetchone()
        self._ask("PRAGMA data_version").fetchone()  # from here on the index is held
        self._header = wal_header(file)

    def forget(self) -> None:
        """In a forked child: leave the parent's connection alone."""
        _inherited.append(self._connection)
        self._begin()

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        self._header = None  # first, for the index goes with the last connection
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
