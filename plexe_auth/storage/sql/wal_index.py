"""The header of a SQLite file's WAL index, which every commit writes anew, read from the memory that SQLite shares.

See https://www.sqlite.org/walformat.html#the_wal_index_header. POSIX drops all locks that a process has on a file as
soon as it closes any of its descriptors of that file, and SQLite's are among them. So what is opened here is never
closed, not even while Python ends, and one process does so for a few files only.
"""

import ctypes
import mmap
import os
from collections.abc import Callable
from pathlib import Path

_HEADER = 48  # bytes
_VERSION = 3_007_000
_VERSIONS = {_VERSION.to_bytes(4, order) for order in ("little", "big")}
_MOST = 16  # files

_kept: dict[tuple[int, int], mmap.mmap] = {}


def wal_header(database: str) -> Callable[[], bytes] | None:
    """Return what reads the header of a file's index, or nothing where there is none that can be read.

    What it gives changes with every commit, whoever makes it, before that has returned. It must be called only while
    this process has a connection to the file that has read something, or the index may go.
    """
    try:
        memory = _mapped(f"{database}-shm")
    except (OSError, ValueError):
        return None
    if memory is None or memory[:4] not in _VERSIONS:
        return None
    header, read = slice(_HEADER), memory.__getitem__
    return lambda: read(header)


def _mapped(path: str) -> mmap.mmap | None:
    found = Path(path).stat()
    name = found.st_dev, found.st_ino
    if name not in _kept and len(_kept) < _MOST:
        memory = mmap.mmap(os.open(path, os.O_RDONLY), _HEADER, access=mmap.ACCESS_READ)
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(memory))  # so that nobody ever closes it
        _kept.setdefault(name, memory)
    return _kept.get(name)
