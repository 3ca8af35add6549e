"""An instant is an aware `datetime` in UTC outside and a count of microseconds since 1970 in a row."""

from datetime import UTC, datetime, timedelta

from plexe_auth.errors import InvalidRequest

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_microseconds(at: datetime) -> int:
    """Return the microseconds since 1970, exactly."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_microseconds(count: int) -> datetime:
    """Return the instant that is `count` microseconds after 1970 began, exactly."""
    return EPOCH + timedelta(0, 0, count)  # by place, which is quicker


def maybe_microseconds(at: datetime | None) -> int | None:
    """Like `to_microseconds`; what has no instant stays without one."""
    return None if at is None else to_microseconds(at)


def maybe_instant(count: int | None) -> datetime | None:
    """Like `from_microseconds`; what has no instant stays without one."""
    return None if count is None else from_microseconds(count)


def checked_instant(field: str, value: object) -> datetime:
    """Return `value` in UTC.

    Raises:
        InvalidRequest: it is no `datetime`, or has no time zone, so that nobody knows which instant is meant.
    """
    try:
        if not isinstance(value, datetime) or value.utcoffset() is None:
            raise InvalidRequest(f"{field} must be a datetime with a time zone.", field=field)
        return value.astimezone(UTC)
    except (OverflowError, NotImplementedError):  # the years 1 and 9999 have an edge; a bare `tzinfo` has no offset
        raise InvalidRequest(f"{field} is out of range, or its time zone is unfinished.", field=field) from None


def after(now: datetime, field: str, span: object, *, least: timedelta) -> datetime:
    """Return the instant that lies `span` after `now`.

    Raises:
        InvalidRequest: `span` is no `timedelta`, is shorter than `least`, or ends beyond the year 9999.
    """
    if not isinstance(span, timedelta):
        raise InvalidRequest(f"{field} must be a timedelta.", field=field)
    if span < least:
        raise InvalidRequest(f"{field} is too short.", field=field)
    try:
        return now + span
    except OverflowError:
        raise InvalidRequest(f"{field} is too long.", field=field) from None


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def http_date(at: datetime) -> str:
    """Return an HTTP date (RFC 9110, section 5.6.7), in English whatever the process's locale is."""
    day, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return f"{day}, {at.day:02} {month} {at.year:04} {at.hour:02}:{at.minute:02}:{at.second:02} GMT"
