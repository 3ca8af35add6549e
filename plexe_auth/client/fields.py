"""What the fields of an answer say to a patient client: how long to wait, and whether its key is about to end."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

_IDEMPOTENT = {"DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"}  # RFC 9110, section 9.2.2
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)
_LONGEST_DATE = 64


class Fields(Protocol):
    """The header fields of an answer, found by name in any case."""

    def get(self, name: str, default: str, /) -> str:
        """Return the value of a field."""
        ...


def _utc_now() -> datetime:
    return datetime.now(UTC)


def pause(status: int, method: str, fields: Fields, now: Callable[[], datetime] = _utc_now) -> float | None:
    """Return after how many seconds a request may be sent again, or ``None`` where it may not.

    What answers 429 has not begun. What answers 503 may have, so that only a request that may be sent twice anyway is
    sent again. Without a `Retry-After` that can be read nobody knows when, and nothing is sent again.
    """
    if status == 429 or (status == 503 and method.upper() in _IDEMPOTENT):
        return retry_after(fields, now)
    return None


def retry_after(fields: Fields, now: Callable[[], datetime] = _utc_now) -> float | None:
    """Return the seconds that `Retry-After` asks for (RFC 9110, section 10.2.3), or ``None``.

    A date is counted from the server's own `Date`, where it tells that: the two come from one clock.

    Example:
        >>> retry_after({"retry-after": "30"}), retry_after({"retry-after": "-1"})
        (30.0, None)
    """
    value = fields.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    at = _date(value)
    return None if at is None else max(0.0, (at - (_date(fields.get("date", "")) or now())).total_seconds())


def retires(fields: Fields) -> tuple[bool, datetime | None]:
    """Tell whether an answer says that its key was rotated, and until when the key is taken (RFC 9745, RFC 8594)."""
    sunset = fields.get("sunset", "")
    return bool(sunset or fields.get("deprecation", "")), _date(sunset)


def _date(value: str) -> datetime | None:
    if not 0 < len(value) <= _LONGEST_DATE:
        return None
    try:
        found = parsedate_to_datetime(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
