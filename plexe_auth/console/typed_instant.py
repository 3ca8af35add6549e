"""A day, or a time of a day, as somebody typed it into a form."""

from datetime import UTC, datetime

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.instant import to_microseconds


def typed_instant(text: str | None, field: str) -> datetime | None:
    """Return the instant that somebody wrote, a day or a time of RFC 3339; a time without a zone is in UTC.

    Raises:
        InvalidRequest: it is none.

    Example:
        >>> typed_instant("2026-01-31", "since").isoformat()
        '2026-01-31T00:00:00+00:00'
    """
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
        to_microseconds(zoned)
    except (ValueError, OverflowError):
        raise InvalidRequest("It is a day such as 2026-01-31, or a time of that day.", field=field) from None
    return zoned
