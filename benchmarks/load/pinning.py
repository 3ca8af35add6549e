"""A server on one core and its client on another, where the system can pin a process; else they share."""

import os
import shutil
from collections.abc import Sequence

SERVER, CLIENT = -1, 0


def pinned(place: int, command: Sequence[str]) -> list[str]:
    """Return the command that runs on that core, or the same command where nothing can be pinned."""
    affinity = getattr(os, "sched_getaffinity", None)
    cores = sorted(affinity(0)) if affinity else []
    if len(cores) < 2 or shutil.which("taskset") is None:
        return [*command]
    return ["taskset", "--cpu-list", str(cores[place]), *command]
