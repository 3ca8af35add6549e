"""A blocking store for an event loop: what may wait runs in a thread, what cannot wait runs where it is called."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar
from weakref import WeakSet

from plexe_auth.rows import Change, Query, Row, Spent, Value
from plexe_auth.secret import Secret
from plexe_auth.storage.forking import forget_when_forked
from plexe_auth.storage.place import Place
from plexe_auth.storage.store import Store

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 4
_SHORT = 100  # rows that are read in the time that a thread takes to be handed them


class Threaded:
    """An `AsyncStore` over a blocking `store`.

    Args:
        store: the store that does the work.
        quick: it answers `Store.get`, and `Store.page` of few rows, from memory or a local file without waiting for
            anybody, so that handing it to a thread would take longer than the read itself.
    """

    def __init__(self, store: Store, *, quick: bool = False) -> None:
        self._store = store
        self._quick = quick
        self.glance: Callable[[], object] | None = getattr(store, "glance", None) if quick else None
        self.caches: WeakSet[Any] | None = getattr(store, "caches", None)
        self.place: Place | None = getattr(store, "place", None)
        self.again: Secret | None = getattr(store, "again", None)
        self._threads: ThreadPoolExecutor | None = None
        forget_when_forked(self)

    @property
    def blocking(self) -> Store:
        """The store that does the work, for a thread of its own."""
        return self._store

    async def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        """See `Store.get`."""
        if self._quick:
            return self._store.get(table, column, *values, along=along)
        return await self._in_thread(self._store.get, table, column, *values, along=along)

    async def page(self, query: Query) -> Sequence[Row]:
        """See `Store.page`."""
        if self._quick and query.limit <= _SHORT:
            return self._store.page(query)
        return await self._in_thread(self._store.page, query)

    async def commit(self, *changes: Change) -> tuple[int, ...]:
        """See `Store.commit`."""
        return await self._in_thread(self._store.commit, *changes)

    async def spend(self, bucket: str, limit: int, window: int, now: int) -> Spent:
        """See `Store.spend`."""
        return await self._in_thread(self._store.spend, bucket, limit, window, now)

    async def close(self) -> None:
        """See `Store.close`."""
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown)  # what was begun comes to its end, and the loop goes on meanwhile
        self._store.close()

    def forget(self) -> None:
        """In a forked child: the parent's threads do not exist here."""
        self._threads = None

    async def _in_thread(self, verb: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="plexe_auth")
        return await asyncio.wrap_future(self._threads.submit(verb, *args, **kwargs))
