"""One thread stores what was written down: a second after the first line, or sooner where many wait or somebody asks.

While nothing waits it sleeps, and while the store does not answer it tries again after a pause that grows.
"""

import logging
import threading
import weakref
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

from plexe_auth.errors import AuthError
from plexe_auth.journal.runner import Runner
from plexe_auth.secret import without_frames

if TYPE_CHECKING:
    from concurrent.futures import Future

SOON = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0

_log = logging.getLogger("plexe_auth")


class Owner(Protocol):
    """Whose lines are stored. The thread holds it only while it works, so that one that is forgotten can go."""

    def rests(self) -> bool:
        """Tell whether nothing waits; then `Background.wake` is called as soon as something does."""
        ...

    async def work(self, *, asked: bool) -> None:
        """Store what waits, and what others left behind if somebody `asked`."""
        ...


class Background:
    """The thread, from when it is made until it is closed or its owner is gone.

    Args:
        owner: whose lines are stored.
        runner: runs the owner's work.
        last: what the thread does before it ends; it must not hold the owner.
    """

    def __init__(self, owner: Owner, runner: Callable[[], Runner], last: Callable[[], object]) -> None:
        self._owner = weakref.ref(owner)
        self._runner = runner
        self._last = last
        self._bell = threading.Condition()
        self._woken = self._hurried = self._closing = self._over = False
        self._asked: list[Future[None]] = []
        self._ended: Future[None] = promise()
        self._thread = threading.Thread(target=self._run, name="plexe_auth journal", daemon=True)
        self._thread.start()

    def wake(self, *, hurry: bool = False) -> None:
        """Have it look soon, or at once."""
        with self._bell:
            self._woken = True
            self._hurried = self._hurried or hurry
            self._bell.notify()

    def ask(self) -> "Future[None]":
        """Have it look at once, and return what is done when all is stored, or holds why that cannot be."""
        asked = promise()
        with self._bell:
            if self._over:
                return self._ended
            self._asked.append(asked)
            self._bell.notify()
        return asked

    def close(self) -> "Future[None]":
        """Have it look once more and end, and return what is done when it has."""
        with self._bell:
            self._closing = True
            self._bell.notify()
        return self._ended

    def join(self) -> None:
        """Wait until the thread is gone; after `close`."""
        self._thread.join()

    def _run(self) -> None:
        failure: BaseException | None = None
        try:
            with ExitStack() as leaving:
                leaving.callback(self._last)
                runner = self._runner()
                leaving.callback(runner.close)
                failure = self._go_on(runner)
        except Exception as error:
            failure = error
        with self._bell:
            self._over = True  # from now on nobody is left waiting
        for one in (*self._asked, self._ended):
            _keep(one, failure)

    def _go_on(self, runner: Runner) -> Exception | None:
        pause = _FIRST_PAUSE
        while True:
            asked, closing = self._next()
            failure = self._done(runner, asked=bool(asked) or closing)
            for one in asked:
                _keep(one, failure)
            if closing:
                return failure
            if failure is None:
                pause = _FIRST_PAUSE
            else:
                self._wait(lambda: self._asked or self._closing, pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    def _next(self) -> "tuple[list[Future[None]], bool]":
        if self._rests():
            self._wait(lambda: self._woken or self._asked or self._closing, None)
        self._wait(lambda: self._hurried or self._asked or self._closing, SOON)
        with self._bell:
            self._woken = self._hurried = False
            asked, self._asked = self._asked, []
            return asked, self._closing

    def _wait(self, until: Callable[[], Any], longest: float | None) -> None:
        with self._bell:
            self._bell.wait_for(until, longest)

    def _rests(self) -> bool:
        owner = self._owner()
        return owner is None or owner.rests()

    def _done(self, runner: Runner, *, asked: bool) -> Exception | None:
        owner = self._owner()
        if owner is None:
            return None
        try:
            runner.run(owner.work(asked=asked))
        except AuthError as error:
            _log.warning("the access log waits to be stored: %s", error.code)
            return without_frames(error)
        except Exception as error:
            _log.exception("the access log cannot be stored")
            return error
        return None


def promise() -> "Future[None]":
    """Return what will be done, or hold why it cannot be."""
    from concurrent.futures import Future  # which takes long to import

    made: Future[None] = Future()
    made.set_running_or_notify_cancel()  # whoever waits may be cancelled; the work goes on
    return made


def _keep(promise: "Future[None]", failure: BaseException | None) -> None:
    if failure is None:
        promise.set_result(None)
    else:
        promise.set_exception(failure)
