"""The store as a storage of ``limits``: whatever counts by that library shares its limits over all processes, exactly.

`plexe_auth.limiting.stored_windows` does the counting, in the rows and by the rules of a key's own rate.
"""

from limits import aio
from limits.storage import MovingWindowSupport, SlidingWindowCounterSupport, Storage

from plexe_auth.auth import AsyncAuth, Auth
from plexe_auth.bridge import finish
from plexe_auth.errors import Unavailable
from plexe_auth.limiting.stored_windows import StoredWindows


class StoreStorage(Storage, MovingWindowSupport, SlidingWindowCounterSupport):
    """A storage for ``limits.strategies``, over the store of an `Auth`. It offers all three of them, costs included.

    What is shared with plexe_auth's own rates is the place, not the counts: nothing that is counted here counts there.
    Rows whose windows are long over are deleted on the way. `reset` would have to know the keys of everybody, and
    raises `NotImplementedError`; `clear` is for one.

    Args:
        uri: ``plexe-auth://``, for whoever opens storages by URL, with ``auth`` among its options.
        auth: whose store it is. Close it after the last hit.
        wrap_exceptions: raise ``limits.errors.StorageError`` in place of our own.

    Raises:
        Unavailable: from every method but `check`, when the store does not answer.

    Example:
        >>> from limits import parse
        >>> from limits.strategies import SlidingWindowCounterRateLimiter
        >>> from plexe_auth import Auth
        >>> with Auth.open("memory://") as auth:
        ...     limiter = SlidingWindowCounterRateLimiter(StoreStorage(auth=auth))
        ...     [limiter.hit(parse("2/minute"), "acct_42") for _ in range(3)]
        [True, True, False]
    """

    STORAGE_SCHEME: list[str] | None = ["plexe-auth"]  # noqa: RUF012 - so limits declares it

    def __init__(self, uri: str | None = None, *, auth: Auth, wrap_exceptions: bool = False) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._windows = StoredWindows(auth.world.store, auth.world.nanoseconds)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What it raises when nobody can count."""
        return Unavailable

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count in the fixed window of `expiry` seconds, and return what it holds then."""
        return finish(self._windows.charge(key, expiry, amount))

    def get(self, key: str) -> int:
        """Return what the fixed window holds."""
        return finish(self._windows.charged(key))[0]

    def get_expiry(self, key: str) -> float:
        """Return when the fixed window ends, in seconds since 1970."""
        return finish(self._windows.charged(key))[1]

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count in the moving window, if there is room."""
        return finish(self._windows.move(key, limit, expiry, amount))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Return when the moving window begins, in seconds since 1970, and what it holds."""
        return finish(self._windows.moved(key, expiry))

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count in the sliding window, if there is room."""
        return finish(self._windows.slide(key, limit, expiry, amount))

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return what the window before holds and this one, each with how many seconds it still counts."""
        return finish(self._windows.slid(key, expiry))

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Begin anew to count under that key."""
        finish(self._windows.forget(key))

    def clear(self, key: str) -> None:
        """Begin anew to count under that key."""
        finish(self._windows.forget(key))

    def reset(self) -> int | None:
        """Raise `NotImplementedError`: keys are kept as digests, among those of others."""
        raise NotImplementedError

    def check(self) -> bool:
        """Return whether the store answers."""
        return finish(self._windows.answer())


class AsyncStoreStorage(aio.storage.Storage, aio.storage.MovingWindowSupport, aio.storage.SlidingWindowCounterSupport):
    """The same for ``limits.aio.strategies``, over the store of an `AsyncAuth`, by ``async+plexe-auth://``."""

    STORAGE_SCHEME: list[str] | None = ["async+plexe-auth"]  # noqa: RUF012 - so limits declares it

    def __init__(self, uri: str | None = None, *, auth: AsyncAuth, wrap_exceptions: bool = False) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._windows = StoredWindows(auth.world.store, auth.world.nanoseconds)

    @property
    def base_exceptions(self) -> type[Exception]:
        """See `StoreStorage`."""
        return Unavailable

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """See `StoreStorage.incr`."""
        return await self._windows.charge(key, expiry, amount)

    async def get(self, key: str) -> int:
        """See `StoreStorage.get`."""
        return (await self._windows.charged(key))[0]

    async def get_expiry(self, key: str) -> float:
        """See `StoreStorage.get_expiry`."""
        return (await self._windows.charged(key))[1]

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """See `StoreStorage.acquire_entry`."""
        return await self._windows.move(key, limit, expiry, amount)

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """See `StoreStorage.get_moving_window`."""
        return await self._windows.moved(key, expiry)

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """See `StoreStorage.acquire_sliding_window_entry`."""
        return await self._windows.slide(key, limit, expiry, amount)

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """See `StoreStorage.get_sliding_window`."""
        return await self._windows.slid(key, expiry)

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        """See `StoreStorage.clear`."""
        await self._windows.forget(key)

    async def clear(self, key: str) -> None:
        """See `StoreStorage.clear`."""
        await self._windows.forget(key)

    async def reset(self) -> int | None:
        """See `StoreStorage.reset`."""
        raise NotImplementedError

    async def check(self) -> bool:
        """See `StoreStorage.check`."""
        return await self._windows.answer()
