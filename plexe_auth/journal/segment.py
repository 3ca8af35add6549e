"""A segment is memory that outlives the process, if it has a file: what was written stays when one is killed.

The file's room is taken from the disk when it is made, so that a full disk shows then, and not when memory is written.
"""

import mmap
import os
import sys
from contextlib import suppress
from pathlib import Path

_MODE = 0o600
_POPULATE_WRITE = 23  # of Linux; Python has no name for it


class Segment:
    """Lines, each ended by a newline. What is not written is zero, and no line holds NUL, so that a torn one shows.

    Attributes:
        memory: whose ``write`` adds a line, or raises ``ValueError`` where it has no room for it.
        size: how many bytes it has room for.
        read: up to where it is stored.
    """

    def __init__(self, size: int, path: Path | None) -> None:
        self.size = size
        self.path = path
        self.read = 0
        self.memory: mmap.mmap = mmap.mmap(-1, size) if path is None else _mapped(path, size)
        self._sealed_at: int | None = None
        self._count = self._counted_to = 0

    @property
    def end(self) -> int:
        """Up to where it is written."""
        return self.memory.tell() if self._sealed_at is None else self._sealed_at

    def seal(self) -> None:
        """Let nothing more be written, whoever is about to."""
        if self._sealed_at is None:
            end = self.memory.tell()
            self.memory.seek(0, os.SEEK_END)
            end = self.memory.find(b"\0", end)  # somebody may have come in between
            self._sealed_at = self.size if end < 0 else end

    def count(self) -> int:
        """Return how many lines were written."""
        end = self.end
        self._count += self.memory[self._counted_to : end].count(b"\n")
        self._counted_to = end
        return self._count

    def lines(self, most: int, longest: int) -> list[bytes]:
        """Return the next lines that are not stored: no more than `most`, and about `longest` bytes."""
        end = self.end
        window = self.memory[self.read : min(end, self.read + longest)]
        if b"\n" not in window:
            window = self.memory[self.read : end]  # a single line that is longer
        return window[: window.rfind(b"\n") + 1].split(b"\n")[:-1][:most]

    def close(self) -> None:
        """Let go of the memory; the file stays."""
        self.memory.close()

    def remove(self) -> None:
        """Let go of all of it."""
        self.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _mapped(path: Path, size: int) -> mmap.mmap:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
    try:
        _take_room(descriptor, size)
        memory = mmap.mmap(descriptor, size)
        _bring_in(memory)
        return memory
    except BaseException:
        path.unlink()
        raise
    finally:
        os.close(descriptor)  # the mapping has one of its own


def _bring_in(memory: mmap.mmap) -> None:
    # Else the first line on each page would wait for it, longer than for itself.
    if sys.platform == "linux":
        with suppress(OSError):  # before 5.14 it is unknown
            memory.madvise(_POPULATE_WRITE)


def _take_room(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:  # macOS
        os.write(descriptor, bytes(size))


def kept_lines(path: Path) -> list[bytes]:
    """Return the whole lines that a file of another process holds."""
    data = path.read_bytes()
    lines = data[: data.rfind(b"\n") + 1].split(b"\n")[:-1]
    return lines[:-1] if lines and b"\0" in lines[-1] else lines  # the one that was being written
