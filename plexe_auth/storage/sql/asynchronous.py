"""The same waist for an event loop: the blocking store's code, suspended wherever its driver waits.

SQLAlchemy runs blocking code over an asynchronous driver in a greenlet; so there is one body for both colours here too.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.util import greenlet_spawn

from plexe_auth.errors import ConfigurationError
from plexe_auth.rows import Change, Query, Row, Spent, Sums, Value
from plexe_auth.secret import Secret
from plexe_auth.storage.place import Place
from plexe_auth.storage.sql.again import again
from plexe_auth.storage.sql.connections import Pooled
from plexe_auth.storage.sql.engine import AN_HOUR, async_server, server
from plexe_auth.storage.sql.place import of_url
from plexe_auth.storage.sql.prepare import migrated, prepare
from plexe_auth.storage.sql.store import SQLStore

T = TypeVar("T")


class AsyncSQLStore:
    """An `AsyncStore` on a database server. It connects, and looks at the schema, when it is first used on a loop.

    Attributes:
        place: where the database is.
        again: the URL by which another process opens the same database.
        blocking: a store on the same database for a thread of its own, if the driver for it is installed.
    """

    def __init__(self, url: sa.URL, *, migrate: bool) -> None:
        self._url = url
        self._migrate = migrate
        self._places: dict[asyncio.AbstractEventLoop, _Place] = {}
        self.place: Place = of_url(url)
        self.again: Secret | None = again(url)
        self.blocking: SQLStore | None = _blocking(url)
        async_server(url)  # connects to nothing, but shows a missing driver at once

    async def prepare(self) -> None:
        """Connect and look at the schema, once for each event loop.

        Raises:
            ConfigurationError: the schema is missing or old.
        """
        await self._here()

    async def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        """See `Store.get`."""
        place = await self._here()
        return await greenlet_spawn(place.store.get, table, column, *values, along=along)

    async def page(self, query: Query) -> Sequence[Row]:
        """See `Store.page`."""
        place = await self._here()
        return await greenlet_spawn(place.store.page, query)

    async def sums(self, asked: Sums) -> Sequence[Row]:
        """See `Store`."""
        place = await self._here()
        return await greenlet_spawn(place.store.sums, asked)

    async def commit(self, *changes: Change) -> tuple[int, ...]:
        """See `Store.commit`."""
        place = await self._here()
        return await place.to_its_end(greenlet_spawn(place.store.commit, *changes))

    async def spend(self, bucket: str, limit: int, window: int, now: int) -> Spent:
        """See `Store.spend`."""
        place = await self._here()
        return await place.to_its_end(greenlet_spawn(place.store.spend, bucket, limit, window, now))

    async def close(self) -> None:
        """See `Store.close`. A loop that ended without this has left its connections behind; they are dropped."""
        if self.blocking is not None:
            self.blocking.close()
        await self.leave()

    async def leave(self) -> None:
        """Close the connections of this event loop; those of others go on."""
        place = self._places.pop(asyncio.get_running_loop(), None)
        if place is not None:
            await place.close()
        self._drop_those_of_closed_loops()

    async def _here(self) -> "_Place":
        loop = asyncio.get_running_loop()
        place = self._places.get(loop)
        if place is None:
            self._drop_those_of_closed_loops()
            place = self._places[loop] = _Place(self._url)
        await place.ready(migrate=self._migrate)
        return place

    def _drop_those_of_closed_loops(self) -> None:
        for loop in [loop for loop in self._places if loop.is_closed()]:
            self._places.pop(loop).drop()


def _blocking(url: sa.URL) -> SQLStore | None:
    try:
        engine = server(url.set(drivername=url.drivername.replace("asyncmy", "pymysql")), pool_size=1, max_overflow=0)
    except ConfigurationError:
        return None
    return SQLStore(engine, Pooled(engine))


class _Place:
    """What belongs to one event loop: connections can be used on no other loop than theirs."""

    def __init__(self, url: sa.URL) -> None:
        self._url = url
        self._engine = async_server(url).sync_engine
        self._connections = Pooled(self._engine)
        self._looked = False
        self._looking = asyncio.Lock()
        self._writing: set[asyncio.Future[Any]] = set()
        self.store = SQLStore(self._engine, self._connections)

    async def ready(self, *, migrate: bool) -> None:
        """Look at the schema, once."""
        if self._looked:
            return
        async with self._looking:
            if not self._looked:
                await self._look(migrate)
                self._looked = True

    async def _look(self, migrate: bool) -> None:
        if migrate:
            patient = Pooled(async_server(self._url, AN_HOUR).sync_engine)
            await greenlet_spawn(migrated, patient, self._url)
        await greenlet_spawn(prepare, self._connections, self._url, migrate=False)

    async def to_its_end(self, write: Coroutine[Any, Any, T]) -> T:
        """Return what `write` returns; it goes on to its end also when the caller is cancelled."""
        task = asyncio.ensure_future(write)
        self._writing.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._writing.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Let writes come to their end, then close every connection."""
        if self._writing:
            await asyncio.wait(self._writing)
        await greenlet_spawn(self._connections.close)

    def drop(self) -> None:
        """Leave the connections to whoever collects garbage: without their loop, they cannot say good-bye."""
        self._engine.dispose(close=False)
