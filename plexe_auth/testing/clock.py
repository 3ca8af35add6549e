"""A clock that stands still until a test moves it, so that no test ever waits."""

from datetime import UTC, datetime, timedelta

# A fixed instant, with microseconds in it: what a test does is the same every day, and rounding shows.
_START = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)


class FakeClock:
    """What ``clock=`` takes, under a test's control.

    Args:
        now: where it stands at first; an aware `datetime`.

    Raises:
        ValueError: `now` has no time zone.

    Example:
        >>> from datetime import timedelta
        >>> clock = FakeClock()
        >>> before = clock()
        >>> clock.advance(timedelta(hours=1)) == clock() == before + timedelta(hours=1)
        True
    """

    def __init__(self, now: datetime = _START) -> None:
        if now.utcoffset() is None:
            raise ValueError("a clock starts at a datetime with a time zone")
        self._now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        """Return the time, in UTC."""
        return self._now

    def advance(self, span: timedelta) -> datetime:
        """Move on by `span`, or back by a negative one as a host's clock may, and return the time then.

        Raises:
            TypeError: `span` is no `timedelta`.
        """
        if not isinstance(span, timedelta):  # pyright: ignore[reportUnnecessaryIsInstance]  # tests are not all typed
            raise TypeError(f"advance takes a timedelta, not {type(span).__name__}")
        self._now += span
        return self._now

    def __repr__(self) -> str:
        return f"FakeClock({self._now:%Y-%m-%d %H:%M:%S.%f})"
