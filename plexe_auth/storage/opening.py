"""``memory://`` is ours, every other URL is SQLAlchemy's, whose import waits until one is opened."""

from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.store import AsyncStore, Store

MEMORY = "memory://"


def open_blocking(url: str, *, migrate: bool) -> Store:
    """Return a blocking store for `url`."""
    if url == MEMORY:
        return MemoryStore()
    from plexe_auth.storage.sql import opening

    return opening.open_blocking(url, migrate=migrate)


def open_asynchronous(url: str, *, migrate: bool) -> AsyncStore:
    """Return an asynchronous store for `url`."""
    if url == MEMORY:
        from plexe_auth.storage.threaded import Threaded  # asyncio, which blocking hosts need not load

        return Threaded(MemoryStore(), quick=True)
    from plexe_auth.storage.sql import opening

    return opening.open_asynchronous(url, migrate=migrate)
