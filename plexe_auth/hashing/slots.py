"""No more hashes are computed at once than there are slots, each of which takes memory; whoever comes later waits."""

import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Slots(Protocol):
    """Runs what takes long, each in one of a few slots."""

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns. Whoever is cancelled while it waits never runs."""
        ...

    def forget(self) -> None:
        """In a forked child: nobody is in a slot."""
        ...

    async def close(self) -> None:
        """Give back what the slots hold, when what was begun has ended."""
        ...


class CallersSlots:
    """For blocking code: the calling thread does the work, and waits for its slot."""

    def __init__(self, parallel: int) -> None:
        self._parallel = parallel
        self.forget()

    def forget(self) -> None:
        """See `Slots`."""
        self._free = threading.Semaphore(self._parallel)

    async def run(self, work: Callable[[], T]) -> T:
        """See `Slots`."""
        with self._free:
            return work()

    async def close(self) -> None:
        """See `Slots`."""
