"""What tells the time: a callable without arguments that returns an aware `datetime`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from plexe_auth.errors import ConfigurationError
from plexe_auth.model.instant import to_microseconds

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the host's time in UTC."""
    return datetime.now(UTC)


def told_by(clock: Clock) -> datetime:
    """Return the time of `clock` in UTC.

    Raises:
        ConfigurationError: the clock gives something else than an aware `datetime`.
    """
    if clock is system_clock:
        return datetime.now(UTC)
    now = clock()
    if not _is_aware(now):
        raise ConfigurationError("the clock must return a datetime with a time zone")
    return now.astimezone(UTC)


def counting(clock: Clock) -> Callable[[], int]:
    """Return a function that gives the time of `clock` in nanoseconds since 1970; the host's without a detour."""
    if clock is system_clock:
        return time.time_ns
    return lambda: to_microseconds(told_by(clock)) * 1000


def _is_aware(now: object) -> bool:
    return isinstance(now, datetime) and now.utcoffset() is not None
