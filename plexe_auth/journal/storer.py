"""The storer: a program that stores what its parent has written down, and ends when nobody can ask it any more.

    python -m plexe_auth.journal.storer

It knows of nothing but the lines it is asked to store. What it cannot do it leaves to its parent, by ending.
"""

import logging
import os
import signal
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

from plexe_auth.errors import ConfigurationError, Unavailable
from plexe_auth.journal.question import Answer, Opening, Question, read_opening, read_question
from plexe_auth.journal.runner import OwnLoop, Plain, Runner
from plexe_auth.journal.storing import Storing
from plexe_auth.storage.colour import Settled
from plexe_auth.storage.opening import open_asynchronous, open_blocking
from plexe_auth.storage.store import AsyncStore

_YIELDS = 5  # steps of nice(2): beside one who answers requests on the same core it gets a quarter, and needs a tenth


class Gathered(logging.Handler):
    """What was logged, for the parent to log: the host has set up no logging here."""

    def __init__(self) -> None:
        super().__init__()
        self._told: list[tuple[int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the level and the text."""
        self._told.append((record.levelno, record.getMessage()))

    def taken(self) -> tuple[tuple[int, str], ...]:
        """Return what was logged since."""
        told, self._told = self._told, []
        return tuple(told)


class Storer:
    """Stores what it is asked to. It opens the database at the first question."""

    def __init__(self, opening: Opening, logs: Gathered, leaving: ExitStack) -> None:
        self._opening = opening
        self._logs = logs
        self._leaving = leaving
        self._made: tuple[Runner, Storing] | None = None

    def answer(self, question: Question) -> Answer:
        """Store what is asked for, and tell how much it was, or what is in the way."""
        stored, refused = 0, None
        try:
            stored = self._stored(question)
        except Unavailable as error:
            refused = error.code
        except ConfigurationError as error:
            refused = str(error)  # which never holds a password
        return Answer(stored, refused, self._logs.taken())

    def _stored(self, question: Question) -> int:
        runner, storing = self._made = self._made or self._opened()
        return runner.run(storing.each(question.writer, question.before, _read(question)))

    def _opened(self) -> tuple[Runner, Storing]:
        url = self._opening.again.reveal()
        if self._opening.on_a_loop:
            return self._kept(open_asynchronous(url, migrate=False))
        return self._kept(Settled(open_blocking(url, migrate=False)))

    def _kept(self, store: AsyncStore) -> tuple[Runner, Storing]:
        runner = OwnLoop(store) if self._opening.on_a_loop else Plain()
        self._leaving.callback(runner.close)
        self._leaving.callback(lambda: runner.run(store.close()))
        return runner, Storing(store, _tell_nobody)


def _tell_nobody(_inserts: object) -> None:
    """Whoever listens does so in the parent, which then stores by itself."""


def _read(question: Question) -> bytes:
    with Path(question.path).open("rb") as file:
        file.seek(question.start)
        return file.read(question.size)


def main() -> None:
    """Answer until the parent has closed its end, or is gone."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)  # they are for the parent, which still has to store what waits
    os.nice(_YIELDS)
    logs = Gathered()
    log = logging.getLogger("plexe_auth")
    log.addHandler(logs)
    log.propagate = False
    with suppress(ConnectionError), ExitStack() as leaving:  # a parent that was killed may leave an answer unread
        storer = Storer(read_opening(sys.stdin.buffer.readline()), logs, leaving)
        for line in sys.stdin.buffer:
            sys.stdout.buffer.write(storer.answer(read_question(line)).line())
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
