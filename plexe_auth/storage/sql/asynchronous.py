"""The same waist for an event loop: the blocking store's code, suspended wherever its driver waits.

SQLAlchemy runs blocking code over an asynchronous driver in a greenlet; so there is one body for both colours here too.
"""

import asyncio
import weakref
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from plexe_auth.rows import Change, Query, Row, Spent, Value
from plexe_auth.storage.sql.connections import Pooled
from plexe_auth.storage.sql.engine import SERVER
from plexe_auth.storage.sql.prepare import prepare
from plexe_auth.storage.sql.store import SQLStore
from plexe_auth.storage.sql.url import missing_driver

T = TypeVar("T")


class AsyncSQLStore:
    """An `AsyncStore` on a database server. It connects, and looks at the schema, when it is first used."""

    def __init__(self, url: sa.URL, *, migrate: bool) -> None:
        self._url = url
        self._migrate = migrate
        self._engine = _engine(url)
        self._store = SQLStore(self._engine.sync_engine, Pooled(self._engine.sync_engine))
        self._loop: Callable[[], object] = lambda: None
        self._commits: set[asyncio.Task[Any]] = set()

    async def prepare(self) -> None:
        """Connect and look at the schema, once for each event loop.

        Raises:
            ConfigurationError: the schema is missing or old.
        """
        loop = asyncio.get_running_loop()
        if self._loop() is loop:
            return
        self._store.connections.forget()  # connections belong to the loop they were opened on
        await greenlet_spawn(prepare, self._engine.sync_engine, self._store.connections, self._url, self._migrate)
        self._loop = weakref.ref(loop)

    async def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        """See `Store.get`."""
        await self.prepare()
        return await greenlet_spawn(self._store.get, table, column, *values, along=along)

    async def page(self, query: Query) -> Sequence[Row]:
        """See `Store.page`."""
        await self.prepare()
        return await greenlet_spawn(self._store.page, query)

    async def commit(self, *changes: Change) -> tuple[int, ...]:
        """See `Store.commit`."""
        await self.prepare()
        return await self._to_its_end(greenlet_spawn(self._store.commit, *changes))

    async def spend(self, bucket: str, limit: int, window: int, now: int) -> Spent:
        """See `Store.spend`."""
        await self.prepare()
        return await self._to_its_end(greenlet_spawn(self._store.spend, bucket, limit, window, now))

    async def close(self) -> None:
        """See `Store.close`."""
        await self._engine.dispose()

    async def _to_its_end(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.ensure_future(work)
        self._commits.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._commits.discard)
        return await asyncio.shield(task)


def _engine(url: sa.URL) -> AsyncEngine:
    try:
        return create_async_engine(url, **SERVER)
    except ImportError as error:
        raise missing_driver(url) from error
