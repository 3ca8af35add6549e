"""What stands before an app is timed where it works, in a server's worker: without the app and without the server.

Four spells are summed up for each request: until the app is called, from where the app begins its answer to where the
server takes that, from there back to the app, and from where the app is done to where the server goes on.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.environments import NotMade

EACH = 200  # requests for one line
_TOOK = "benchmarks.took"  # what is to be taken off: the app, and the server within it

_clock = time.perf_counter_ns
Front = Callable[[Any], Any]


class Samples:
    """Nanoseconds of requests; the median of every so many goes into a file, a line for each."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)
        self._taken: list[int] = []

    def add(self, taken: int) -> None:
        """Take one in."""
        self._taken.append(taken)
        if len(self._taken) >= EACH:
            known, self._taken = self._taken, []
            with self._file.open("a") as file:
                file.write(f"{statistics.median(known)}\n")


def median(file: Path) -> float:
    """Return the median of what a file holds, in microseconds. The first line is that of a worker that warms up.

    Raises:
        NotMade: there is no other.
    """
    told = file.read_text().splitlines()[1:] if file.exists() else []
    if not told:
        raise NotMade("the worker answered too few requests to be timed")
    return statistics.median(map(float, told)) / 1000


def wsgi(front: Front, app: Any, samples: Samples) -> Any:
    """Return a WSGI app behind what is timed."""

    def inner(environ: Any, start_response: Any) -> Any:
        took, within = environ[_TOOK], 0

        def begun(*told: Any) -> Any:
            nonlocal within
            at = _clock()
            begins = start_response(*told)
            within += _clock() - at
            return begins

        at = _clock()
        body = app(environ, begun)
        took.append(_clock() - at - within)
        return body

    guarded = front(inner)

    def outer(environ: Any, start_response: Any) -> Any:
        took = environ[_TOOK] = list[int]()

        def begins(*told: Any) -> Any:
            at = _clock()
            write = start_response(*told)
            took.append(_clock() - at)
            return write

        at = _clock()
        body = guarded(environ, begins)
        samples.add(_clock() - at - sum(took))
        return body

    return outer


def asgi(front: Front, app: Any, samples: Samples) -> Any:
    """Return an ASGI app behind what is timed."""

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        took, within = scope[_TOOK], 0

        async def begun(message: Any) -> None:
            nonlocal within
            at = _clock()
            await send(message)
            within += _clock() - at

        at = _clock()
        await app(scope, receive, begun)
        took.append(_clock() - at - within)

    guarded = front(inner)

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        took = scope[_TOOK] = list[int]()

        async def begins(message: Any) -> None:
            at = _clock()
            await send(message)
            took.append(_clock() - at)

        at = _clock()
        await guarded(scope, receive, begins)
        samples.add(_clock() - at - sum(took))

    return outer
