"""A store is used in the colour it was written in; a mix-up is refused when it is built and again at each answer."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakSet

from plexe_auth.bridge import settled
from plexe_auth.errors import ConfigurationError
from plexe_auth.rows import Change, Query, Row, Spent, Sums, Value
from plexe_auth.secret import Secret
from plexe_auth.storage.place import Place
from plexe_auth.storage.store import AsyncStore, AsyncSumming, Store, Summing

_VERBS = ("get", "page", "commit", "spend", "close")


class Settled:
    """A blocking store behind the asynchronous verbs: each is done when it is first awaited, and never suspends."""

    def __init__(self, store: Store) -> None:
        if _is_async(store):
            raise ConfigurationError("an asynchronous store was given to Auth; use AsyncAuth, or a blocking store")
        self._store = store
        self.glance: Callable[[], object] | None = getattr(store, "glance", None)
        self.caches: WeakSet[Any] | None = getattr(store, "caches", None)
        self.place: Place | None = getattr(store, "place", None)
        self.again: Secret | None = getattr(store, "again", None)
        summing: Summing | None = getattr(store, "sums", None)
        self.sums: AsyncSumming | None = None if summing is None else _settling(summing)

    async def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        """See `Store.get`."""
        return settled(self._store.get(table, column, *values, along=along))

    async def page(self, query: Query) -> Sequence[Row]:
        """See `Store.page`."""
        return settled(self._store.page(query))

    async def commit(self, *changes: Change) -> tuple[int, ...]:
        """See `Store.commit`."""
        return settled(self._store.commit(*changes))

    async def spend(self, bucket: str, limit: int, window: int, now: int) -> Spent:
        """See `Store.spend`."""
        return settled(self._store.spend(bucket, limit, window, now))

    async def close(self) -> None:
        """See `Store.close`."""
        answer: object = self._store.close()  # type: ignore[func-returns-value]  # an awaitable here is the mistake to find
        settled(answer)


def _settling(summing: Summing) -> AsyncSumming:
    async def sums(asked: Sums) -> Sequence[Row]:
        return settled(summing(asked))

    return sums


def asynchronous(store: AsyncStore) -> AsyncStore:
    """Return `store` if each of its verbs is to be awaited.

    Raises:
        ConfigurationError: it is a blocking store, which would stop the event loop.
    """
    if not _is_async(store):
        raise ConfigurationError(
            "a blocking store was given to AsyncAuth; wrap it in plexe_auth.storage.threaded.Threaded"
        )
    return store


def _is_async(store: object) -> bool:
    verbs = [getattr(store, verb, None) for verb in _VERBS]
    if not all(map(callable, verbs)):
        raise ConfigurationError(f"a store offers the verbs {', '.join(_VERBS)}")
    return any(map(inspect.iscoroutinefunction, verbs))
