"""Where spools lie, one folder for each database; a file that is locked belongs to a process that lives.

A writer holds the lock of ``<writer>.lock`` for as long as it lives, and the system lets go of it however it dies. Its
segments are ``<writer>.<first line>.lines``.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from plexe_auth.journal.chain import new_writer

_LOCK = ".lock"
_LINES = ".lines"
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


@dataclass(frozen=True, slots=True)
class Mark:
    """The lock of a writer. It is let go of when its descriptor is closed."""

    writer: str
    path: Path
    descriptor: int

    def close(self) -> None:
        """Let go of the lock. In a forked child this leaves the parent's as it is."""
        os.close(self.descriptor)

    def remove(self) -> None:
        """Let go of the lock and of its file."""
        self.path.unlink(missing_ok=True)
        self.close()


def made(folder: Path) -> Path:
    """Return the folder, which nobody else may look into."""
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    return folder


def new_mark(folder: Path) -> Mark:
    """Return the lock of a new writer."""
    while True:
        writer = new_writer()
        if mark := _taken(folder / (writer + _LOCK), os.O_CREAT | os.O_EXCL):
            return mark


def segment_path(folder: Path, writer: str, first: int) -> Path:
    """Return where a writer's segment lies whose first line comes after `first` others."""
    return folder / f"{writer}.{first}{_LINES}"


@contextmanager
def orphan(folder: Path, writer: str) -> Generator[list[tuple[int, Path]] | None]:
    """Give the segments of a writer whose process is gone, oldest first, and hold its lock meanwhile.

    Gives nothing where the writer lives, or where somebody else is at it.
    """
    mark = _taken(folder / (writer + _LOCK), 0)
    if mark is None:
        yield None
        return
    try:
        found = [(int(path.name.split(".")[1]), path) for path in folder.glob(f"{writer}.*{_LINES}")]
        yield sorted(found)
        if not any(path.exists() for _first, path in found):
            mark.path.unlink(missing_ok=True)
    finally:
        mark.close()


def writers(folder: Path) -> list[str]:
    """Return whose locks lie in the folder, oldest first."""
    return sorted(path.name.removesuffix(_LOCK) for path in folder.glob(f"*{_LOCK}"))


def _taken(path: Path, flags: int) -> Mark | None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, _FILE_MODE)
    except FileNotFoundError:
        return None
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had it before may have removed the file: then this is the lock of nothing.
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return Mark(path.name.removesuffix(_LOCK), path, descriptor)
    os.close(descriptor)
    return None
