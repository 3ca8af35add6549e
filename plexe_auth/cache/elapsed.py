"""Elapsed time, in seconds, that goes on while the machine sleeps and that nobody can set; and waiting for it."""

import time
from collections.abc import Awaitable, Callable
from functools import partial

Pause = Callable[[float], Awaitable[None]]

# A process that was frozen together with its machine must find its knowledge overdue, which CLOCK_MONOTONIC hides.
elapsed: Callable[[], float] = (
    partial(time.clock_gettime, time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic
)


async def blocking_pause(seconds: float) -> None:
    """Let the calling thread wait."""
    time.sleep(seconds)  # noqa: ASYNC251 - it is awaited by blocking code alone


async def loop_pause(seconds: float) -> None:
    """Let the calling task wait."""
    import asyncio  # which blocking hosts need not load

    await asyncio.sleep(seconds)
