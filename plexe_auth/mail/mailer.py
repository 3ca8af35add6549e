"""What sends a letter, in either colour; a mix-up is refused when it is built and again at each answer."""

import inspect
from typing import Protocol, cast, runtime_checkable

from plexe_auth.bridge import settled
from plexe_auth.errors import ConfigurationError
from plexe_auth.model.letter import Letter


@runtime_checkable
class Mailer(Protocol):
    """Sends a letter and returns when the mail server has taken it.

    A mailer that only writes it down, and so never waits, may say so by an attribute ``at_once = True``: it is then
    called where the letter is posted, in the poster's own thread.
    """

    def send(self, letter: Letter, /) -> None:
        """Hand `letter` over, once.

        Raises:
            Undelivered: it was not taken. Any other exception counts as one that may pass.
        """
        ...


@runtime_checkable
class AsyncMailer(Protocol):
    """Does what a `Mailer` does, to be awaited.

    It is called on an event loop of plexe_auth's own: it connects within `send`, and holds nothing of another loop.
    """

    async def send(self, letter: Letter, /) -> None:
        """See `Mailer.send`."""
        ...


class _Settled:
    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def send(self, letter: Letter, /) -> None:
        answer: object = self._mailer.send(letter)  # type: ignore[func-returns-value]  # an awaitable is the mistake to find
        settled(answer)


class _Threaded:
    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    async def send(self, letter: Letter, /) -> None:
        import asyncio

        answer: object = await asyncio.to_thread(self._mailer.send, letter)
        settled(answer)


def asynchronous_mailer(mailer: Mailer | AsyncMailer, is_async: bool) -> AsyncMailer:
    """Return one awaitable port for a mailer of either colour.

    Args:
        mailer: what was given as ``mailer=``.
        is_async: whether it is awaited on an event loop. A blocking mailer then runs in a thread, and one that is
            ``at_once`` where it is called. Otherwise each `send` is done when it is first awaited.

    Raises:
        ConfigurationError: it has no `send`, or it is asynchronous where nothing is awaited.

    Example:
        >>> import io
        >>> from plexe_auth.bridge import finish
        >>> from plexe_auth.mail.console import ConsoleMailer
        >>> port = asynchronous_mailer(ConsoleMailer(screen := io.StringIO()), is_async=False)
        >>> finish(port.send(Letter("ada@example.com", "Welcome", "Hello.")))
        >>> "Subject: Welcome" in screen.getvalue()
        True
    """
    if is_awaited(mailer):
        if not is_async:
            raise ConfigurationError("an asynchronous mailer was given to Auth; use AsyncAuth, or a blocking mailer")
        return cast("AsyncMailer", mailer)
    blocking = cast("Mailer", mailer)
    return _Threaded(blocking) if is_async and not is_at_once(blocking) else _Settled(blocking)


def is_at_once(mailer: object) -> bool:
    """Tell whether a mailer says that it never waits."""
    return getattr(mailer, "at_once", False) is True


def reaches_people(mailer: object) -> bool:
    """Tell whether a mailer says that its letters leave this machine, so that their links have to lead somewhere."""
    return getattr(mailer, "reaches_people", False) is True


def is_awaited(mailer: object) -> bool:
    """Tell whether the `send` of a mailer is to be awaited.

    Raises:
        ConfigurationError: it has none.
    """
    send = getattr(mailer, "send", None)
    if isinstance(mailer, type) or not callable(send):
        raise ConfigurationError("a mailer is an object with a method send(letter)")
    return inspect.iscoroutinefunction(send)
