"""What this process has decided and not yet stored: lines in memory that a killed process leaves behind in files.

To append is to copy some bytes: no lock, no system call, no formatting, no look at the clock. Python runs one call of
``mmap.write`` at a time, and one for which there is no room changes nothing.
"""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, Protocol

from plexe_auth.journal import folder as folders
from plexe_auth.journal.chain import new_writer
from plexe_auth.journal.segment import Segment, Stretch, length

_LARGEST = 4 * 1024 * 1024
_SMALLEST = 64 * 1024
_SHARE = 16  # of the limit, for one segment
BATCH_BYTES = 256 * 1024  # of lines in one commit
_STRETCH_BYTES = 1024 * 1024


NoRoom = ValueError  # as ``mmap`` calls it: here is none; perhaps elsewhere


class Full(NoRoom):
    """There is no room for another line."""


class Closed(NoRoom):
    """Nothing is written into this spool any more."""


class Bell(Protocol):
    """Calls whoever stores."""

    def wake(self, *, hurry: bool = False) -> None:
        """Have it look soon, or at once."""
        ...


class Pen(Protocol):
    """Where lines are written. It is no call of ours to write one: that would take as long again.

    Attributes:
        write: takes a line and its newline, or raises `NoRoom`; then it is for the journal. Whoever has called it
            looks whether the pen is `asleep`.
        asleep: nobody looks at what was written until `wake` is called.
    """

    write: Callable[[bytes], object]
    asleep: bool

    def wake(self) -> None:
        """Have somebody look at what was written while nobody did."""
        ...


class Spool:
    """The spool of one writer.

    Args:
        folder: where its files lie; ``None`` keeps it in memory alone.
        limit: how many bytes it may take in all.
        bell: rung when a line comes after `asleep` was set, and when a segment is full.

    Attributes:
        writer: what its chain is called.
        write: see `Pen`.
        stored: how many lines are stored.
        asleep: see `Pen`.
    """

    def __init__(self, folder: Path | None, limit: int, bell: Bell) -> None:
        self._folder = folder
        self._limit = limit
        self._room = min(_LARGEST, max(_SMALLEST, limit // _SHARE))
        self._bell = bell
        self._lock = threading.Lock()
        self._mark = None if folder is None else folders.new_mark(folders.made(folder))
        self.writer: str = new_writer() if self._mark is None else self._mark.writer
        self._segments: deque[Segment] = deque()
        self.write: Callable[[bytes], object] = _nowhere
        self._taken = 0
        self._dropped = 0
        self.stored: int = 0
        self.asleep: bool = True
        self._closed = False

    def append(self, line: str) -> None:
        """Write a line of ASCII without a newline, durably as far as this process's death goes.

        Raises:
            Full: the limit is reached, or the disk is full. Nothing was written.
            Closed: it is closed. Nothing was written.
        """
        self.write_elsewhere(f"{line}\n".encode("ascii"))

    def write_elsewhere(self, data: bytes) -> None:
        """Write a line and its newline here, or in a new segment.

        Raises:
            Full: as in `append`.
            Closed: it is closed.
        """
        with self._lock:
            while not self._has_written(data):
                self._roll(len(data))
        if self.asleep:
            self.wake()

    def wake(self) -> None:
        """See `Pen`."""
        self.asleep = False
        self._bell.wake()

    def _has_written(self, data: bytes) -> bool:
        try:
            self.write(data)
        except NoRoom:
            return False
        return True

    @property
    def count(self) -> int:
        """How many lines were ever appended."""
        with self._lock:
            return self._counted()

    def _counted(self) -> int:
        return self._dropped + sum(segment.count() for segment in self._segments)

    def waiting(self, most: int) -> list[bytes]:
        """Return the oldest lines that are not stored."""
        with self._lock:
            nothing: list[bytes] = []
            found = (segment.lines(most, BATCH_BYTES) for segment in self._segments)
            return next(filter(None, found), nothing)

    def stretch(self) -> Stretch | None:
        """Return the oldest lines that are not stored, and where they lie; several batches of them."""
        with self._lock:
            return next(filter(None, (segment.stretch(_STRETCH_BYTES) for segment in self._segments)), None)

    def store(self, lines: list[bytes]) -> None:
        """Forget these, which `waiting` gave: they are stored."""
        self.pass_over(len(lines), length(lines))

    def pass_over(self, count: int, size: int) -> None:
        """Forget the oldest lines, so many, and so many bytes: they are stored."""
        with self._lock:
            segment = next(one for one in self._segments if one.read < one.end)
            segment.read += size
            self.stored += count
            self._drop_stored(keep=1)

    def forget(self) -> None:
        """In a forked child: close what is the parent's, and leave its files alone."""
        for segment in self._segments:
            segment.close()
        if self._mark is not None:
            self._mark.close()

    def close(self) -> None:
        """Give everything back. What is not stored stays for another process, if there are files."""
        with self._lock:
            self._closed = True
            self._seal()
            is_stored = self.stored == self._counted()
            for segment in self._segments:
                segment.remove() if segment.read == segment.end else segment.close()
            self._segments.clear()
            if self._mark is not None:
                self._mark.remove() if is_stored else self._mark.close()

    def _seal(self) -> None:
        self.write = _nowhere
        if self._segments:
            self._segments[-1].seal()

    def _roll(self, needed: int) -> None:
        if self._closed:
            raise Closed
        self._seal()
        self._bell.wake(hurry=bool(self._segments))
        self._drop_stored(keep=0)
        size = max(self._room, needed)
        if self._taken + size > self._limit:
            raise Full
        count = self._counted()
        path = None if self._folder is None else folders.segment_path(self._folder, self.writer, count)
        try:
            segment = Segment(size, path)
        except OSError as error:
            raise Full from error
        self._segments.append(segment)
        self._taken += size
        self.write = segment.memory.write

    def _drop_stored(self, keep: int) -> None:
        while len(self._segments) > keep and self._segments[0].read == self._segments[0].end:
            segment = self._segments.popleft()
            self._dropped += segment.count()
            self._taken -= segment.size
            segment.remove()


def _nowhere(_data: bytes) -> NoReturn:
    raise NoRoom


class _NoPen:
    """Where nothing has been written yet."""

    def __init__(self) -> None:
        self.write: Callable[[bytes], object] = _nowhere
        self.asleep: bool = False

    def wake(self) -> None:
        """See `Pen`."""


NO_PEN: Pen = _NoPen()
