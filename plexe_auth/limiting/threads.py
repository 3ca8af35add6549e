"""A blocking limiter for an event loop: each hit is counted in one of a few threads."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from plexe_auth.limiting.limiter import Asked, Tally
from plexe_auth.limiting.memcached import MemcachedLimiter
from plexe_auth.storage.forking import forget_when_forked

_THREADS = 8


class Threads:
    """A `Limiter` over a blocking one."""

    hit_now = None

    def __init__(self, limiter: MemcachedLimiter) -> None:
        self._limiter = limiter
        self.forget()
        forget_when_forked(self)

    def forget(self) -> None:
        """In a forked child: the parent's threads do not exist here."""
        self._threads: ThreadPoolExecutor | None = None

    async def hit(self, *asked: Asked) -> Tally:
        """See `Limiter`."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="plexe_auth")
        return await asyncio.wrap_future(self._threads.submit(self._limiter.count, asked))

    async def close(self) -> None:
        """See `Limiter`."""
        threads, self._threads = self._threads, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown)
        await self._limiter.close()
