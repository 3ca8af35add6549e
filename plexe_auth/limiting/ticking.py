"""Time for counting: seconds since 1970 by the world's clock, and read off the host's own where that is the clock."""

import time
from datetime import UTC, datetime

from plexe_auth.clock import Clock, system_clock
from plexe_auth.errors import ConfigurationError
from plexe_auth.limiting.limiter import SECOND, Ticks
from plexe_auth.model.instant import to_microseconds


def ticking(clock: Clock) -> Ticks:
    """Return a function that gives the seconds; a float of them tells microseconds apart until the year 2100."""
    if clock is system_clock:
        return time.time

    def ticks() -> float:
        now = clock()
        if not _is_aware(now):
            raise ConfigurationError("the clock must return a datetime with a time zone")
        return to_microseconds(now.astimezone(UTC)) / SECOND

    return ticks


def microseconds(ticks: Ticks) -> int:
    """Return the microseconds since 1970."""
    return round(ticks() * SECOND)


def _is_aware(now: object) -> bool:
    return isinstance(now, datetime) and now.utcoffset() is not None
