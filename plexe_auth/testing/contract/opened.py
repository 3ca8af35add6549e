"""One test body for both colours: an asynchronous store's verbs are run on a loop in a thread, and called plainly."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

import pytest

from plexe_auth.rows import Change, Query, Row, Spent, Value
from plexe_auth.storage.store import AsyncStore, AsyncSumming, Store, Summing

T = TypeVar("T")


class _Run(Protocol):
    def __call__(self, coroutine: Coroutine[Any, Any, T], /) -> T: ...


class Opened:
    """What the parts of the contract have in common: a store to test, opened by the subclass."""

    def open_store(self) -> Any:
        """Return a store, blocking or asynchronous. Each test opens one and closes it at its end."""
        raise NotImplementedError("open_store must return the store to test")

    def elsewhere(self) -> Callable[[], Any] | None:
        """Return what opens the store of the running test once more, in another process; ``None`` where nothing can.

        It is called after `open_store`, and must be picklable: a ``functools.partial`` of a function of your package.
        """
        return None

    @pytest.fixture
    def store(self) -> Generator[Store]:
        """The store, with its verbs called plainly whatever its colour is."""
        with plainly(self.open_store) as store:
            yield store


@contextmanager
def plainly(opening: Callable[[], Any]) -> Generator[Store]:
    """Open a store of either colour, to be called plainly until the block ends."""
    with _loop() as run:
        opened: Any = opening()
        store: Any = run(opened) if inspect.iscoroutine(opened) else opened
        plain: Store = _Plain(store, run) if inspect.iscoroutinefunction(store.get) else store
        try:
            yield plain
        finally:
            plain.close()


class _Plain:
    """An asynchronous store that any thread may call plainly."""

    def __init__(self, store: AsyncStore, run: _Run) -> None:
        self._store = store
        self._run = run
        summing: AsyncSumming | None = getattr(store, "sums", None)
        self.sums: Summing | None = None if summing is None else lambda asked: run(_awaited(summing(asked)))

    def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        return self._run(self._store.get(table, column, *values, along=along))

    def page(self, query: Query) -> Sequence[Row]:
        return self._run(self._store.page(query))

    def commit(self, *changes: Change) -> tuple[int, ...]:
        return self._run(self._store.commit(*changes))

    def spend(self, bucket: str, limit: int, window: int, now: int) -> Spent:
        return self._run(self._store.spend(bucket, limit, window, now))

    def close(self) -> None:
        self._run(self._store.close())


async def _awaited(answer: Awaitable[T]) -> T:
    return await answer


@contextmanager
def _loop() -> Generator[_Run]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="store contract", daemon=True)
    thread.start()

    def run(coroutine: Coroutine[Any, Any, T], /) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

    try:
        yield run
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
