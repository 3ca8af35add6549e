"""Whoever posts a letter goes on at once and learns nothing of it: not how long it takes, not whether it can be sent.

Were a letter sent in the request, the time and the errors of the answer would tell whether there was one to send, and
so whether an address is known here.
"""

import logging
import threading
import weakref
from collections.abc import Callable, Sequence

from plexe_auth.bridge import finish
from plexe_auth.journal.runner import OwnLoop, Plain, Runner, Wait, blocking_wait, loop_wait
from plexe_auth.mail.mailer import AsyncMailer, Mailer, asynchronous_mailer, is_at_once, is_awaited
from plexe_auth.mail.sending import Bounds, Sending, told
from plexe_auth.model.letter import Letter
from plexe_auth.storage.forking import forget_when_forked

MOST = 1000
# Seconds before each next try. Greylisting lets a letter in after five minutes; after twenty, the link in most letters
# is dead or was asked for again.
PAUSES = (1.0, 5.0, 25.0, 125.0, 300.0, 300.0, 300.0)
LONGEST = 3600.0

_log = logging.getLogger("plexe_auth")


class Outbox:
    """Sends letters in the background, in order; it makes no thread before the first one.

    A letter that cannot be sent now is tried again after pauses that grow, and others are sent meanwhile. It lives in
    memory: what a process that is killed had not yet sent is lost. When too many wait, the oldest is dropped: its link
    or code is the first to die, and who still waits has asked again. Every letter that is given up is logged as an
    error, without its address.

    Args:
        mailer: what sends them. One that is ``at_once`` is called where a letter is posted, without a thread.
        is_async: whether it is used on event loops.
        most: how many letters may wait. 1,000: a few megabytes.
        pauses: the seconds before each next try; after the last one a letter is given up.
        longest: the seconds after which a letter is not tried again in any case, for a server that hangs. One hour.

    Raises:
        ConfigurationError: the mailer is of the wrong colour, or none.

    Example:
        >>> import sys
        >>> from plexe_auth.bridge import finish
        >>> from plexe_auth.mail.console import ConsoleMailer
        >>> outbox = Outbox(ConsoleMailer(sys.stdout), is_async=False)
        >>> outbox.post(Letter("ada@example.com", "Welcome", "Hello."))
        ---------- To: ada@example.com
        Subject: Welcome
        <BLANKLINE>
        Hello.
        ----------
        >>> finish(outbox.flush())
    """

    def __init__(
        self,
        mailer: Mailer | AsyncMailer,
        *,
        is_async: bool,
        most: int = MOST,
        pauses: Sequence[float] = PAUSES,
        longest: float = LONGEST,
    ) -> None:
        asynchronous_mailer(mailer, is_async)  # which refuses the wrong colour
        is_ours = is_awaited(mailer)
        self._port = asynchronous_mailer(mailer, is_ours)  # in our own thread a blocking mailer may block
        self._runner: Callable[[], Runner] = OwnLoop if is_ours else Plain
        self._at_once = is_at_once(mailer) and not is_ours
        self._wait: Wait = loop_wait if is_async else blocking_wait
        self._bounds = Bounds(most, tuple(pauses), longest)
        self._begin()
        forget_when_forked(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._sending: Sending | None = None
        self._abandoned: weakref.finalize[..., object] | None = None

    @property
    def waiting(self) -> int:
        """How many letters are posted and neither sent nor given up."""
        sending = self._sending
        return 0 if sending is None else sending.waiting

    def post(self, letter: Letter) -> None:
        """Have `letter` sent. It returns at once and raises nothing, whatever becomes of the letter."""
        try:
            if self._at_once:
                finish(self._port.send(letter))
                return
            while not self._started().put(letter):
                pass  # it ended between the two; the next one takes it
        except Exception as error:
            _log.error("a letter was not sent: %s", told(error))

    async def flush(self) -> None:
        """Return once every letter that was posted before is sent or given up."""
        sending = self._sending
        if sending is not None:
            await self._wait(sending.drained())

    async def close(self) -> None:
        """Try once more to send what waits, up to the first letter that fails, and end the thread."""
        with self._lock:
            sending, self._sending = self._sending, None
            self._detach()
        if sending is not None:
            await self._wait(sending.stop())
            sending.join()

    def forget(self) -> None:
        """In a forked child: the parent sends what it has; its thread does not exist here."""
        self._detach()
        self._begin()

    def _started(self) -> Sending:
        with self._lock:
            if self._sending is None or self._sending.is_over:
                self._detach()
                self._sending = Sending(self._port, self._runner, self._bounds)
                # Whoever forgets to close us shall not keep a thread for ever.
                self._abandoned = weakref.finalize(self, self._sending.stop)
                self._abandoned.atexit = False
            return self._sending

    def _detach(self) -> None:
        if self._abandoned is not None:
            self._abandoned.detach()
