"""The access log of one's own account: filtered, in pages, drawn by the hour, and handed out as a file."""

import io
from datetime import timedelta
from typing import Any, Literal

from msgspec import Struct

from plexe_auth.console.chart import Bar, bars
from plexe_auth.console.counted import NONE, counted
from plexe_auth.console.rendering import document
from plexe_auth.console.services import Services
from plexe_auth.console.typed_instant import typed_instant
from plexe_auth.console.visit import Page, Visit
from plexe_auth.errors import InvalidRequest
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

    format: Literal["jsonl", "csv"] = "jsonl"


async def page(services: Services, visit: Visit) -> Response:
    """Show entries, newest first."""
    asked: Filters = visit.query
    found = await services.log.page(
        visit.who.account_id, **_wanted(asked), after=asked.after, limit=_SHOWN, fresh=False
    )
    template = "log_entries.html" if "hx-request" in visit.exchange.fields else "logs.html"
    return services.draw.page(template, visit, entries=found, asked=asked, filters=_query(asked))


async def chart(services: Services, visit: Visit) -> Response:
    """Draw how many verifications were allowed and denied in each hour of the last day."""
    now = services.now()
    first = now.replace(minute=0, second=0, microsecond=0) - (_HOURS - 1) * _HOUR
    totals = await services.usage.totals(visit.who.account_id, first, now + _HOUR, by="hour", fresh=False)
    counts = counted(totals, lambda one: one.start)
    hours = (first + number * _HOUR for number in range(_HOURS))
    drawn = bars([Bar(f"{one:%H}", *counts.get(one, NONE)) for one in hours])
    return document("image/svg+xml", services.draw.text("chart.svg", chart=drawn, is_image=True).encode())


async def export(services: Services, visit: Visit) -> Response:
    """Hand out the entries of up to 31 days as a file."""
    asked: Export = visit.query
    wanted = _wanted(asked)
    until = wanted["until"] or services.now() + timedelta(seconds=1)
    since = wanted["since"] or until - _LONGEST_EXPORT
    if until - since > _LONGEST_EXPORT:
        raise InvalidRequest("A file holds at most 31 days.", field="since")
    out = io.StringIO()
    wanted |= {"since": since, "until": until}
    await services.log.export(out, asked.format, visit.who.account_id, **wanted)
    told = ("content-disposition", f'attachment; filename="access-log.{asked.format}"')
    return document(_KINDS[asked.format], out.getvalue().encode(), told)


def _wanted(asked: Filters) -> dict[str, Any]:
    texts = {name: getattr(asked, name) or None for name in ("key_id", "user_id", "action", "outcome")}
    return {**texts, "since": typed_instant(asked.since, "since"), "until": typed_instant(asked.until, "until")}


def _query(asked: Filters) -> dict[str, str]:
    names = ("key_id", "user_id", "action", "outcome", "since", "until")
    return {name: value for name in names if (value := getattr(asked, name))}


PAGES = (
    Page("GET", "/logs", _READ, page, query=Filters),
    Page("GET", "/logs/chart.svg", "usage:read", chart),
    Page("GET", "/logs/export", _READ, export, query=Export),
)
