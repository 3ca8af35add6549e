"""An instant on the command line: a day, a time of it, or how long ago; in UTC unless it says otherwise."""

import re
from datetime import UTC, datetime, timedelta

import click

_AGO = re.compile(r"(\d{1,6})([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def instant(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    """Return the instant that ``2026-03-29``, ``2026-03-29T12:00:00Z`` or ``90d``, ninety days ago, means."""
    if text is None:
        return None
    try:
        return _ago(text) or _told(text)
    except (ValueError, OverflowError):
        raise click.BadParameter("give it as 2026-03-29, 2026-03-29T12:00:00Z, or 90d for ninety days ago") from None


def _ago(text: str) -> datetime | None:
    found = _AGO.fullmatch(text)
    return datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None


def _told(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
