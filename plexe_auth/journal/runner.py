"""How a thread of our own runs what is written once for both colours: plainly, or on an event loop of its own."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from plexe_auth.bridge import finish

if TYPE_CHECKING:
    from concurrent.futures import Future  # which takes long to import

T = TypeVar("T")
Wait = Callable[["Future[None]"], Awaitable[None]]


class Runner(Protocol):
    """Runs coroutines in one thread."""

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return what it returns."""
        ...

    def close(self) -> None:
        """Give back what this thread used."""
        ...


class Plain:
    """For a blocking store, whose verbs never suspend."""

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """See `Runner`."""
        return finish(coroutine)

    def close(self) -> None:
        """See `Runner`."""


class OwnLoop:
    """For an asynchronous store or mailer: connections belong to a loop, and that of the host is not ours to use."""

    def __init__(self, part: object = None) -> None:
        import asyncio  # which blocking hosts need not load

        self._leave: Callable[[], Coroutine[Any, Any, None]] | None = getattr(part, "leave", None)
        self._runner = asyncio.Runner()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """See `Runner`."""
        return self._runner.run(coroutine)

    def close(self) -> None:
        """See `Runner`."""
        try:
            if self._leave is not None:
                self._runner.run(self._leave())
        finally:
            self._runner.close()


async def blocking_wait(done: "Future[None]") -> None:
    """Let the calling thread wait."""
    done.result()


async def loop_wait(done: "Future[None]") -> None:
    """Let the calling task wait."""
    import asyncio

    await asyncio.wrap_future(done)
