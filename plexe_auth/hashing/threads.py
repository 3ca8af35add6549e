"""For event loops each slot is a thread: Argon2, bcrypt, PBKDF2 and scrypt let others run while they compute."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class ThreadSlots:
    """`plexe_auth.hashing.slots.Slots` for any number of event loops. A thread is made when there is work for it."""

    def __init__(self, parallel: int) -> None:
        self._parallel = parallel
        self.forget()

    def forget(self) -> None:
        """In a forked child: the parent's threads do not exist here."""
        self._threads = ThreadPoolExecutor(self._parallel, thread_name_prefix="plexe_auth hashing")
        self._is_used = False

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns. Whoever is cancelled while it waits never runs."""
        self._is_used = True
        return await asyncio.wrap_future(self._threads.submit(work))

    async def close(self) -> None:
        """Let the threads go, when what was begun has ended."""
        threads, is_used = self._threads, self._is_used
        self.forget()
        if is_used:
            await asyncio.to_thread(threads.shutdown)
