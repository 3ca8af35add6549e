"""One thread sends the letters that wait, each when it is due, until it is told to stop."""

import atexit
import functools
import heapq
import itertools
import logging
import threading
import traceback
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plexe_auth.cache.elapsed import elapsed
from plexe_auth.errors import AuthError, Undelivered
from plexe_auth.journal.background import promise
from plexe_auth.journal.runner import Runner
from plexe_auth.mail.mailer import AsyncMailer
from plexe_auth.model.letter import Letter

if TYPE_CHECKING:
    from concurrent.futures import Future

AT_EXIT = 5.0  # seconds: gunicorn's workers have thirty, a person at a terminal has less patience

_log = logging.getLogger("plexe_auth")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many letters may wait, and for how long.

    Attributes:
        most: how many.
        pauses: the seconds before each next try.
        longest: the seconds after which a letter is not tried again.
    """

    most: int
    pauses: Sequence[float]
    longest: float


@dataclass(slots=True, order=True)
class _Waiting:
    due: float
    number: int
    letter: Letter = field(compare=False)
    posted: float = field(compare=False)
    tries: int = field(default=0, compare=False)


class Sending:
    """The thread, from when it is made until it is stopped, and what it has to send.

    Attributes:
        is_over: nothing is sent any more.
    """

    def __init__(self, port: AsyncMailer, runner: Callable[[], Runner], bounds: Bounds) -> None:
        self._port = port
        self._runner = runner
        self._most = max(1, bounds.most)
        self._pauses = bounds.pauses
        self._longest = bounds.longest
        self._bell = threading.Condition()
        self._numbers = itertools.count()
        self._queue: list[_Waiting] = []
        self._hand: _Waiting | None = None
        self._asked: list[tuple[int, Future[None]]] = []
        self._ended = promise()
        self._stopping = False
        self.is_over: bool = False
        self._thread = threading.Thread(target=self._run, name="plexe_auth mail", daemon=True)
        self._thread.start()
        _ends_with_the_process().add(self)

    @property
    def waiting(self) -> int:
        """How many letters are neither sent nor given up."""
        return len(self._queue) + (self._hand is not None)

    def put(self, letter: Letter) -> bool:
        """Have `letter` sent after those before it; tell whether it will be."""
        now = elapsed()
        with self._bell:
            if self._stopping or self.is_over:
                return False
            dropped = self._dropped() if self.waiting >= self._most else None
            heapq.heappush(self._queue, _Waiting(now, next(self._numbers), letter, now))
            self._settle()
            self._bell.notify()
        if dropped is not None:
            _log.error("a letter was not sent: too many wait, and it was the oldest")
        return True

    def drained(self) -> "Future[None]":
        """Return what is done when all that was put before is sent or given up."""
        asked = promise()
        with self._bell:
            self._asked.append((next(self._numbers), asked))
            self._settle()
        return asked

    def stop(self) -> "Future[None]":
        """Have it try once more what waits, and end; return what is done when it has."""
        with self._bell:
            self._stopping = True
            self._bell.notify()
        return self._ended

    def join(self, longest: float | None = None) -> None:
        """Wait until the thread is gone; after `stop`."""
        self._thread.join(longest)

    @property
    def is_alive(self) -> bool:
        """Tell whether the thread exists in this process and runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            runner = self._runner()
            try:
                self._go_on(runner)
            finally:
                runner.close()
        except BaseException as error:  # nobody else is there to hear of it
            _log.error("the outbox ended: %s", told(error))
        with self._bell:
            self.is_over = True
            lost = self.waiting
            self._queue, self._hand = [], None
            self._settle()
        if lost:
            _log.error("%d letters were not sent before the outbox ended", lost)
        self._ended.set_result(None)

    def _go_on(self, runner: Runner) -> None:
        while (one := self._next()) is not None:
            failure = self._failure(runner, one.letter)
            if not self._done(one, failure):
                return

    def _next(self) -> _Waiting | None:
        """Return the next letter as soon as it is due, or nothing once there is nothing more to do."""
        with self._bell:
            while True:
                first = self._queue[0] if self._queue else None
                if self._stopping or (first is not None and first.due <= elapsed()):
                    self._hand = heapq.heappop(self._queue) if self._queue else None
                    return self._hand
                self._bell.wait(None if first is None else first.due - elapsed())

    def _failure(self, runner: Runner, letter: Letter) -> BaseException | None:
        try:
            runner.run(self._port.send(letter))
        except BaseException as error:  # a mailer that raises SystemExit ends no thread of ours
            return error
        return None

    def _done(self, one: _Waiting, failure: BaseException | None) -> bool:
        """Decide what becomes of a letter that was tried; tell whether to go on."""
        is_kept = failure is not None and may_pass(failure) and not self._stopping and self._tries_again(one)
        if failure is not None and is_kept:
            _log.warning("a letter is tried again later: %s", told(failure))
        elif failure is not None:
            _log.error("a letter was not sent: %s", told(failure))
        with self._bell:
            self._hand = None
            if is_kept:
                heapq.heappush(self._queue, one)
            self._settle()
        return failure is None or not may_pass(failure) or not self._stopping

    def _tries_again(self, one: _Waiting) -> bool:
        if one.tries >= len(self._pauses) or elapsed() >= one.posted + self._longest:
            return False
        one.due = elapsed() + self._pauses[one.tries]
        one.tries += 1
        return True

    def _dropped(self) -> _Waiting | None:
        if not self._queue:
            return None
        oldest = min(self._queue, key=lambda one: one.number)
        self._queue.remove(oldest)
        heapq.heapify(self._queue)
        return oldest

    def _settle(self) -> None:
        """Answer whoever waits for nothing any more. The bell is held."""
        waiting = [one.number for one in self._queue]
        waiting += [] if self._hand is None else [self._hand.number]
        first = min(waiting, default=None)
        kept: list[tuple[int, Future[None]]] = []
        for number, asked in self._asked:
            if first is None or first > number:
                asked.set_result(None)
            else:
                kept.append((number, asked))
        self._asked = kept


@functools.cache
def _ends_with_the_process() -> "weakref.WeakSet[Sending]":
    living: weakref.WeakSet[Sending] = weakref.WeakSet()
    atexit.register(leave, living)
    return living


def leave(living: Iterable[Sending], longest: float = AT_EXIT) -> None:
    """At the end of a process that closed nothing: have what waits sent, in no more than so many seconds."""
    left = [one for one in living if one.is_alive]
    for one in left:
        one.stop()
    end = elapsed() + longest
    for one in left:
        one.join(max(0.0, end - elapsed()))
        if one.waiting:
            _log.error("%d letters were not sent before the process ended", one.waiting)


def may_pass(failure: BaseException) -> bool:
    """Tell whether the same letter may be taken later."""
    return not isinstance(failure, Undelivered) or failure.temporary


def told(failure: BaseException) -> str:
    """Return why a letter was not sent, without what the error says: mailers of others write addresses into theirs."""
    if isinstance(failure, Undelivered):
        return failure.reason
    if isinstance(failure, AuthError):
        return failure.code
    frames = traceback.extract_tb(failure.__traceback__)
    where = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return f"{type(failure).__name__}{where}"
