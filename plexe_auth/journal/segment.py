"""A segment is memory that outlives the process, if it has a file: what was written stays when one is killed.

The file's room is taken from the disk when it is made, so that a full disk shows then, and not when memory is written.
"""

import mmap
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_MODE = 0o600
_POPULATE_WRITE = 23  # of Linux; Python has no name for it


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines that wait, and where they lie: so many bytes from `start` on in the file at `path`."""

    path: Path
    start: int
    lines: bytes


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
        return parted(whole_lines(self.memory, self.read, self.end, longest))[:most]

    def stretch(self, longest: int) -> Stretch | None:
        """Return the next lines that are not stored, about `longest` bytes, for somebody else who reads the file."""
        waiting = whole_lines(self.memory, self.read, self.end, longest)
        return Stretch(self.path, self.read, waiting) if waiting and self.path is not None else None

    def close(self) -> None:
        """Let go of the memory; the file stays."""
        self.memory.close()

    def remove(self) -> None:
        """Let go of all of it."""
        self.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def whole_lines(memory: mmap.mmap | bytes, start: int, end: int, longest: int) -> bytes:
    """Return the lines that lie there, newlines and all: about `longest` bytes of them."""
    found = memory[start : min(end, start + longest)]
    if b"\n" not in found:
        found = memory[start:end]  # a single line that is longer
    return found[: found.rfind(b"\n") + 1]


def parted(lines: bytes) -> list[bytes]:
    """Return each line by itself, without its newline."""
    return lines.split(b"\n")[:-1]


def length(lines: list[bytes]) -> int:
    """Return how many bytes they are with their newlines."""
    return sum(map(len, lines)) + len(lines)


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
    lines = parted(data[: data.rfind(b"\n") + 1])
    return lines[:-1] if lines and b"\0" in lines[-1] else lines  # the one that was being written
