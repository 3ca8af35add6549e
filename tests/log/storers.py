"""What tests ask of storers: which process it is, what the system shows of it, and whether it has gone."""

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 60.0


def storer(auth: Any) -> int | None:
    """Return the number of the process that stores, if the last lines were stored by one."""
    return auth.world.journal._stores._child.pid


def at_once(auth: Any) -> None:
    """Have a storer that is gone be started anew at the next lines."""
    auth.world.journal._stores._not_before = 0.0


@contextmanager
def watched(pid: int) -> Iterator[int]:
    """Give a descriptor of a process, which `has_gone` waits for."""
    descriptor = os.pidfd_open(pid)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def has_gone(descriptor: int) -> bool:
    """Wait for the end of a process, and tell whether it has come."""
    return bool(select.select([descriptor], [], [], PATIENCE)[0])


def is_there(pid: int) -> bool:
    """Tell whether the system has such a process, be it but to be waited for."""
    return Path(f"/proc/{pid}").exists()


def shown(pid: int) -> str:
    """Return what every process of the same user may read of one: its arguments and its environment."""
    return "\n".join(Path(f"/proc/{pid}/{name}").read_bytes().decode() for name in ("cmdline", "environ"))
