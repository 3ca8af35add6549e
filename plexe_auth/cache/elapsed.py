"""Elapsed time, in seconds, that goes on while the machine sleeps and that nobody can set; and waiting for it."""

import time
from collections.abc import Awaitable, Callable
from functools import partial

Pause = Callable[[float], Awaitable[None]]

# A process that was frozen together with its machine must find its knowledge overdue, which CLOCK_MONOTONIC hides.
CLOCK: int = getattr(time, "CLOCK_BOOTTIME", 0)
# On the warm path it is asked by its clock, for `elapsed` is one call more.
elapsed_by: Callable[[int], float] = time.clock_gettime if CLOCK else lambda _clock: time.monotonic()

elapsed: Callable[[], float] = partial(elapsed_by, CLOCK)


async def blocking_pause(seconds: float) -> None:
    """Let the calling thread wait."""
    time.sleep(seconds)  # noqa: ASYNC251 - it is awaited by blocking code alone


async def loop_pause(seconds: float) -> None:
    """Let the calling task wait."""
    import asyncio  # which blocking hosts need not load

    await asyncio.sleep(seconds)
