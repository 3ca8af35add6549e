"""What somebody else wrote, made harmless for a terminal: nothing moves the cursor, and no two texts look alike.

Names, addresses and what browsers say of themselves may hold escape sequences that paint over a line, set the title or
answer for the reader (CWE-150). Whatever is not printable is shown as Python would escape it.
"""

from datetime import UTC, datetime

from plexe_auth.model.told import printable


def shown(value: object) -> str:
    """Return a value as one line for people: an instant in UTC to the second, nothing as nothing.

    Example:
        >>> shown("CI\\x1b[2J")
        'CI\\\\x1b[2J'
        >>> shown(datetime(2026, 3, 29, 12, tzinfo=UTC))
        '2026-03-29T12:00:00Z'
    """
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list):
        return ", ".join(map(shown, value))  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
    return "" if value is None else printable(str(value))
