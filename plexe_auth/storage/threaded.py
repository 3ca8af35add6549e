"""A blocking store for an event loop: what may wait runs in a thread, what cannot wait runs where it is called."""

import asyncio
import functools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar
from weakref import WeakSet

from plexe_auth.rows import Change, Compare, Query, Row, Spent, Sums, Value
from plexe_auth.secret import Secret
from plexe_auth.storage.forking import forget_when_forked
from plexe_auth.storage.place import Place
from plexe_auth.storage.store import AsyncSumming, Store, Summing

P = ParamSpec("P")
T = TypeVar("T")

_THREADS = 4
_SHORT = 100  # rows that are read in the time that a thread takes to be handed them
_SOON = 500e-6  # seconds that it takes to hand a thread something, and to hear of it
_REMEMBERED = 1024


class Threaded:
    """An `AsyncStore` over a blocking `store`.

    Args:
        store: the store that does the work.
        quick: it answers `Store.get`, `Store.page` of few rows, and sums that took next to no time when they were last
            asked for, from memory or a local file without waiting for anybody, so that handing it to a thread would
            take longer than the read itself.
    """

    def __init__(self, store: Store, *, quick: bool = False) -> None:
        self._store = store
        self._quick = quick
        self.glance: Callable[[], object] | None = getattr(store, "glance", None) if quick else None
        self.caches: WeakSet[Any] | None = getattr(store, "caches", None)
        self.place: Place | None = getattr(store, "place", None)
        self.again: Secret | None = getattr(store, "again", None)
        summing: Summing | None = getattr(store, "sums", None)
        self.sums: AsyncSumming | None = None if summing is None else functools.partial(self._summed, summing)
        self._took: dict[object, float] = {}
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

    async def _summed(self, summing: Summing, asked: Sums) -> Sequence[Row]:
        about = (asked.table, asked.per, *(one for one in asked.where if isinstance(one, Compare) and one.sign == "="))

        def timed() -> Sequence[Row]:
            began = time.thread_time()  # not how long it waited for its turn
            rows = summing(asked)
            if len(self._took) >= _REMEMBERED:
                self._took.clear()
            self._took[about] = time.thread_time() - began
            return rows

        return timed() if self._quick and self._took.get(about, _SOON) < _SOON else await self._in_thread(timed)

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
