"""The port: one question, one answer; in either colour, and a mix-up is refused when it is built and at each answer."""

import inspect
from typing import Protocol

from plexe_auth.bridge import settled
from plexe_auth.errors import ConfigurationError
from plexe_auth.model.exchange import Answer, Question


class Fetch(Protocol):
    """Asks another server, plainly."""

    def __call__(self, question: Question, /) -> Answer:
        """Return the answer, whatever its status; no redirect is followed, no cookie kept.

        Raises:
            Unavailable: there is none: the server was not reached, is not who it should be, took too long, or said too
                much. Neither text nor cause tells anything of the question.
        """
        ...


class AsyncFetch(Protocol):
    """Asks another server, and is awaited."""

    async def __call__(self, question: Question, /) -> Answer:
        """See `Fetch`."""
        ...


class SettledFetch:
    """A blocking `Fetch` as an `AsyncFetch`: it is done when it is first awaited, and never suspends."""

    def __init__(self, fetch: Fetch) -> None:
        if _is_async(fetch):
            raise ConfigurationError("an asynchronous fetch was given to Auth; use AsyncAuth, or a blocking one")
        self._fetch = fetch

    async def __call__(self, question: Question, /) -> Answer:
        """See `Fetch`."""
        return settled(self._fetch(question))


def asynchronous_fetch(fetch: AsyncFetch) -> AsyncFetch:
    """Return `fetch` if it is to be awaited.

    Raises:
        ConfigurationError: it blocks, which would stop the event loop.
    """
    if not _is_async(fetch):
        raise ConfigurationError("a blocking fetch was given to AsyncAuth; give one that is an async def")
    return fetch


def _is_async(fetch: object) -> bool:
    if not callable(fetch):
        raise ConfigurationError("a fetch is called with a Question")
    return inspect.iscoroutinefunction(fetch) or inspect.iscoroutinefunction(type(fetch).__call__)
