"""All that a process tells the access log goes through here: verifications by a spool, changes in their own commit."""

import itertools
import logging
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from plexe_auth.cache.elapsed import elapsed
from plexe_auth.errors import Unavailable
from plexe_auth.journal.background import Background
from plexe_auth.journal.chain import Chain, lengthened, turn
from plexe_auth.journal.chains import Chains
from plexe_auth.journal.events import Events
from plexe_auth.journal.place import spool_folder
from plexe_auth.journal.runner import OwnLoop, Plain, Runner, Wait, blocking_wait, loop_wait
from plexe_auth.journal.spool import NO_PEN, Closed, Full, NoRoom, Pen, Spool
from plexe_auth.journal.storing import Stores, Storing
from plexe_auth.model.entry import Values, from_row, line
from plexe_auth.rows import Change, Insert
from plexe_auth.secret import Secret
from plexe_auth.settings import Settings
from plexe_auth.storage.colour import Settled
from plexe_auth.storage.forking import forget_when_forked
from plexe_auth.storage.store import AsyncStore

_HUNT = 30.0  # seconds between looks for what other processes left behind

_log = logging.getLogger("plexe_auth")


class Journal:
    """The access log of this process. It makes neither files nor threads before the first line.

    Args:
        store: where entries are kept.
        settings: where lines wait, how many may, what becomes of a request whose line has no room, and who stores them.
        is_async: it is used on event loops.

    Attributes:
        chains: the chains that changes lengthen in their own commits.
        events: who wants to be told of entries.
        pen: writes a line down at once, as `write` does where that can be done; another one from time to time.
    """

    def __init__(self, store: AsyncStore, settings: Settings, *, is_async: bool) -> None:
        blocking = getattr(store, "blocking", None)
        reached: AsyncStore = store if blocking is None else Settled(blocking)
        on_a_loop = is_async and blocking is None
        self._runner: Callable[[], Runner] = (lambda: OwnLoop(store)) if on_a_loop else Plain
        self._wait: Wait = loop_wait if is_async else blocking_wait
        self._limit = settings.spool_limit
        self._serves = settings.log_outage == "serve"
        self._folder: Path | None = spool_folder(settings.spool_dir, getattr(store, "place", None))
        self.chains: Chains = Chains()
        self.events: Events = Events()
        self._storing = Storing(reached, self.told)
        self._stores: Stores = self._storing
        self._last: Callable[[], object] = _nothing
        if settings.log_storer == "process":
            self._store_elsewhere(getattr(store, "again", None), on_a_loop=on_a_loop)
        self._begin()
        forget_when_forked(self)

    def _store_elsewhere(self, again: Secret | None, *, on_a_loop: bool) -> None:
        if self._folder is not None and again is not None:
            from plexe_auth.journal.child import Child  # subprocess, which most hosts need not load
            from plexe_auth.journal.elsewhere import Elsewhere
            from plexe_auth.journal.question import Opening

            child = Child(Opening(again, on_a_loop=on_a_loop))
            self._stores = Elsewhere(self._storing, child, self.events)
            self._last = child.close

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._spool: Spool | None = None
        self.pen: Pen = NO_PEN
        self._background: Background | None = None
        self._abandoned: list[weakref.finalize[..., Any]] = []
        self._hunted: float | None = None
        self._full = False
        self._within = itertools.count(1)
        self.lost: int = 0

    @property
    def waiting(self) -> int:
        """How many lines are written down and not stored."""
        spool = self._spool
        return 0 if spool is None else spool.count - spool.stored

    def append(self, line: str) -> None:
        """Write down a decision before it is told: one line of ASCII JSON, without a newline, in the order of `FIELDS`.

        Raises:
            Unavailable: there is no room, and nothing may be decided unlogged.
        """
        self.write(f"{line}\n".encode("ascii"))

    def write(self, data: bytes) -> None:
        """Do what `append` does, with the bytes of a line and its newline.

        Raises:
            Unavailable: there is no room, and nothing may be decided unlogged.
        """
        try:
            spool = self._spool or self._opened()
            spool.write(data)
        except NoRoom:
            self._write_elsewhere(data)
        else:
            if spool.asleep:
                spool.wake()

    def _write_elsewhere(self, data: bytes) -> None:
        try:
            (self._spool or self._opened()).write_elsewhere(data)
        except Closed:
            self.write(data)
        except Full:
            self._refuse()

    def lengthened(self, chain: Chain, told: Sequence[Values]) -> tuple[Chain, list[Insert], list[Change]]:
        """Return a lent chain with more entries, their inserts, and the change of the chain's row that goes along.

        At one instant they come after what this process has written down so far and before what it will.
        """
        spool = self._spool
        count = 0 if spool is None else spool.count
        turns = [turn(chain.writer, count, next(self._within)) for _ in told]
        return lengthened(chain, [(values, line(*values)) for values in told], turns)

    def told(self, inserts: Sequence[Insert]) -> None:
        """Tell whoever wants to know of entries that are stored."""
        if self.events:
            self.events.tell(from_row(one.row) for one in inserts)

    async def flush(self) -> None:
        """Return once all that this process wrote down is stored, and what others left behind.

        Raises:
            Unavailable: the store does not answer. Nothing is lost.
        """
        await self._wait(self._started().ask())

    async def settle(self) -> None:
        """Do what `flush` does, where something waits or nobody has looked yet."""
        if not self.rests() or (self._hunted is None and self._folder is not None):
            await self.flush()

    async def close(self) -> None:
        """Store what waits and end the thread. What cannot be stored now stays in its file for the next process."""
        with self._lock:
            background = self._background
            self._background = None
        if background is None:
            return
        try:
            await self._wait(background.close())
        except Exception:
            _log.warning("the access log was not stored to its end; the rest waits for the next process")
        finally:
            background.join()
            self._leave()

    def _leave(self) -> None:
        with self._lock:
            spool, self._spool, self.pen = self._spool, None, NO_PEN
        if spool is not None:
            spool.close()
        if self._background is None:
            self._detach()

    def forget(self) -> None:
        """In a forked child: the parent's thread does not exist here, and its spool is not ours."""
        self._detach()
        if self._spool is not None:
            self._spool.forget()
        self._stores.forget()
        self._begin()

    def rests(self) -> bool:
        """See `plexe_auth.journal.background.Owner`."""
        spool = self._spool
        if spool is None:
            return True
        spool.asleep = True  # before the look, so that a line that comes after it rings the bell
        if spool.count == spool.stored:
            return True
        spool.asleep = False
        return False

    async def work(self, *, asked: bool) -> None:
        """See `plexe_auth.journal.background.Owner`."""
        spool = self._spool
        if spool is not None:
            await self._stores.own(spool)
            self._full = False
        if self._folder is not None and (asked or self._hunted is None or elapsed() > self._hunted + _HUNT):
            self._hunted = elapsed()
            await self._storing.orphans(self._folder)

    def _opened(self) -> Spool:
        background = self._started()
        with self._lock:
            if self._spool is None:
                try:
                    spool = Spool(self._folder, self._limit, background)
                except OSError as error:
                    raise Full from error
                self._abandons(spool.close)
                self._spool = self.pen = spool
            return self._spool

    def _started(self) -> Background:
        with self._lock:
            if self._background is None:
                self._background = Background(self, self._runner, self._last)
                self._abandons(self._background.close)
            return self._background

    def _abandons(self, close: Callable[[], object]) -> None:
        # Whoever forgets to close us shall not keep a thread and files for ever.
        abandon = weakref.finalize(self, close)
        abandon.atexit = False
        self._abandoned.append(abandon)

    def _refuse(self) -> None:
        if not self._full:
            self._full = True
            _log.error("the spool of the access log is full")
        if not self._serves:
            raise Unavailable
        self.lost += 1

    def _detach(self) -> None:
        while self._abandoned:
            self._abandoned.pop().detach()


def _nothing() -> None:
    """Nothing is left to do."""
