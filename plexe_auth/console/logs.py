"""The access log of one's own account: filtered, in pages, drawn by the hour, and handed out as a file."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from plexe_auth.console.chart import Bar, bars
from plexe_auth.console.rendering import HARDENED
from plexe_auth.console.services import Services
from plexe_auth.console.visit import Page, Visit
from plexe_auth.errors import InvalidRequest
from plexe_auth.model.instant import to_microseconds
from plexe_auth.wire import Response

_READ = "logs:read"
_SHOWN = 50
_LONGEST_EXPORT = timedelta(days=31)
_KINDS = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
_HOUR = timedelta(hours=1)
_HOURS = 24


class Filters(Struct):
    """Which entries."""

    key_id: str | None = None
    user_id: str | None = None
    action: str | None = None
    outcome: str | None = None
    since: str | None = None
    until: str | None = None
    after: str | None = None


class Export(Filters):
    """Which entries, and how they are written."""

    format: str = "jsonl"


async def page(services: Services, visit: Visit) -> Response:
    """Show entries, newest first."""
    asked: Filters = visit.query
    found = await services.log.page(visit.who.account_id, **_wanted(asked), after=asked.after, limit=_SHOWN)
    template = "log_entries.html" if "hx-request" in visit.exchange.fields else "logs.html"
    return services.draw.page(template, visit, entries=found, asked=asked, filters=_query(asked))


async def chart(services: Services, visit: Visit) -> Response:
    """Draw how many verifications were allowed and denied in each hour of the last day."""
    now = services.now()
    first = now.replace(minute=0, second=0, microsecond=0) - (_HOURS - 1) * _HOUR
    totals = await services.usage.totals(visit.who.account_id, first, now + _HOUR, by="hour")
    hours = [first + number * _HOUR for number in range(_HOURS)]
    drawn = bars([_bar(one, totals) for one in hours])
    body = services.draw.text("chart.svg", chart=drawn, is_image=True).encode()
    headers = (("content-type", "image/svg+xml"), ("content-length", str(len(body))), ("cache-control", "no-store"))
    return Response(200, (*headers, *HARDENED), body)


def _bar(hour: datetime, totals: Any) -> Bar:
    there = [one for one in totals if one.start == hour]
    return Bar(f"{hour:%H}", sum(one.allowed for one in there), sum(one.denied for one in there))


async def export(services: Services, visit: Visit) -> Response:
    """Hand out the entries of up to 31 days as a file."""
    asked: Export = visit.query
    if asked.format not in _KINDS:
        raise InvalidRequest("The format is jsonl or csv.", field="format")
    wanted = _wanted(asked)
    until = wanted["until"] or services.now() + timedelta(seconds=1)
    since = wanted["since"] or until - _LONGEST_EXPORT
    if until - since > _LONGEST_EXPORT:
        raise InvalidRequest("A file holds at most 31 days.", field="since")
    out = io.StringIO()
    await services.log.export(out, asked.format, visit.who.account_id, **{**wanted, "since": since, "until": until})  # type: ignore[arg-type]
    body = out.getvalue().encode()
    told = ("content-disposition", f'attachment; filename="access-log.{asked.format}"')
    kept = (("content-length", str(len(body))), ("cache-control", "no-store"))
    return Response(200, (("content-type", _KINDS[asked.format]), told, *kept, *HARDENED), body)


def _wanted(asked: Filters) -> dict[str, Any]:
    texts = {name: getattr(asked, name) or None for name in ("key_id", "user_id", "action", "outcome")}
    return {**texts, "since": instant(asked.since, "since"), "until": instant(asked.until, "until")}


def instant(text: str | None, field: str) -> datetime | None:
    """Return the instant that somebody wrote, a day or a time of RFC 3339; a time without a zone is in UTC.

    Raises:
        InvalidRequest: it is none.
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


def _query(asked: Filters) -> dict[str, str]:
    names = ("key_id", "user_id", "action", "outcome", "since", "until")
    return {name: value for name in names if (value := getattr(asked, name))}


PAGES = (
    Page("GET", "/logs", _READ, page, query=Filters),
    Page("GET", "/logs/chart.svg", "usage:read", chart),
    Page("GET", "/logs/export", _READ, export, query=Export),
)
