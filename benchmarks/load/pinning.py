"""A server on one core, its client and its storer on another, where the system can pin a process; else they share."""

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

SERVER, CLIENT = -1, 0

_STORER = b"plexe_auth.journal.storer"
_PATIENCE = 10.0


def pinned(place: int, command: Sequence[str]) -> list[str]:
    """Return the command that runs on that core, or the same command where nothing can be pinned."""
    cores = _cores()
    if len(cores) < 2 or shutil.which("taskset") is None:
        return [*command]
    return ["taskset", "--cpu-list", str(cores[place]), *command]


def move_storer(server: int) -> None:
    """Move the storer of a server to the client's core, once it is there. It has inherited the server's.

    Nothing is done where nothing can be pinned.
    """
    cores = _cores()
    until = time.monotonic() + _PATIENCE
    while len(cores) > 1 and Path("/proc/self/stat").exists() and time.monotonic() < until:
        if found := next(filter(_is_storer, _descendants(server)), None):
            os.sched_setaffinity(found, {cores[CLIENT]})
            return
        time.sleep(0.05)


def _cores() -> list[int]:
    affinity = getattr(os, "sched_getaffinity", None)
    return sorted(affinity(0)) if affinity else []


def _is_storer(process: int) -> bool:
    with suppress(OSError):  # it has just ended
        return _STORER in Path(f"/proc/{process}/cmdline").read_bytes()
    return False


def _descendants(process: int) -> Iterator[int]:
    for child in [one for one, parent in _parents().items() if parent == process]:
        yield child
        yield from _descendants(child)


def _parents() -> dict[int, int]:
    found: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            found[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    return found
