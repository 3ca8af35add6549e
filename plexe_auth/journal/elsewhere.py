"""What waits is stored by another process, which leaves this one its core; where that cannot be, it is stored here.

The store is the same, and so is what keeps a line from being stored twice: each commit compares and sets the chain.
"""

import logging

from plexe_auth.cache.elapsed import elapsed
from plexe_auth.errors import Unavailable
from plexe_auth.journal.child import Child, Gone
from plexe_auth.journal.events import Events
from plexe_auth.journal.question import Question
from plexe_auth.journal.segment import Stretch
from plexe_auth.journal.spool import Spool
from plexe_auth.journal.storing import Storing

_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 300.0  # seconds; to start an interpreter takes about half a second of a core

_log = logging.getLogger("plexe_auth")


class Elsewhere:
    """Has a storer store what waits in a spool.

    Args:
        here: stores what the storer does not.
        child: the storer.
        events: whoever awaits a line is told of it in this process, which then has to store it.
    """

    def __init__(self, here: Storing, child: Child, events: Events) -> None:
        self._here = here
        self._child = child
        self._events = events
        self._pause = _FIRST_PAUSE
        self._begun = self._not_before = elapsed()

    async def own(self, spool: Spool) -> None:
        """See `plexe_auth.journal.storing.Stores`."""
        written = spool.count
        while spool.stored < written and (stretch := spool.stretch()):
            # The look at who listens comes after that at the lines: who begins between them has missed nothing.
            if self._events.awaits(stretch.lines) or not self._has_stored(spool, stretch):
                await self._here.own(spool)

    def forget(self) -> None:
        """See `plexe_auth.journal.storing.Stores`."""
        self._here.forget()
        self._child.forget()
        self._begun = self._not_before = elapsed()

    def _has_stored(self, spool: Spool, stretch: Stretch) -> bool:
        if self._child.pid is None and elapsed() < self._not_before:
            return False
        try:
            self._store(spool, stretch)
        except Gone as gone:
            self._give_up(gone)
            return False
        return True

    def _store(self, spool: Spool, stretch: Stretch) -> None:
        if self._child.pid is None:
            self._begun = elapsed()
        path, start, size = str(stretch.path), stretch.start, len(stretch.lines)
        answer = self._child.ask(Question(spool.writer, spool.stored, path, start, size))
        for level, text in answer.logs:
            _log.log(level, "%s", text)
        if answer.refused == Unavailable.code:
            raise Unavailable
        if answer.refused or answer.stored != stretch.lines.count(b"\n"):
            raise Gone(answer.refused or "it has read other lines")
        self._here.forget()
        spool.pass_over(answer.stored, size)

    def _give_up(self, gone: Gone) -> None:
        self._child.kill()
        now = elapsed()
        has_lived = now - self._begun > _LONGEST_PAUSE
        pause = _FIRST_PAUSE if has_lived else self._pause
        self._pause = min(2 * pause, _LONGEST_PAUSE)
        self._not_before = now + pause
        _log.warning("the access log is stored by a thread for at least %d s, for its storer is gone: %s", pause, gone)
