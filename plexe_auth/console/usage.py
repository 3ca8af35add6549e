"""How often the account's keys were verified: a chart by the day, of all or of one, and a total for each key."""

import functools
from datetime import datetime, timedelta

from msgspec import Struct

from plexe_auth.console.chart import Bar, bars
from plexe_auth.console.counted import counted
from plexe_auth.console.services import Services
from plexe_auth.console.typed_instant import typed_instant
from plexe_auth.console.visit import Page, Visit
from plexe_auth.errors import InvalidRequest
from plexe_auth.wire import Response

_DAY = timedelta(days=1)
_SHOWN = 30
_MOST = 366


class Span(Struct):
    """From when to when, and which key is charted; all of them, where none is named."""

    since: str | None = None
    until: str | None = None
    key: str | None = None


async def page(services: Services, visit: Visit) -> Response:
    """Show the totals of some days, by the day and by the key."""
    asked: Span = visit.query
    since, until = _span(asked, services.now())
    totals = await services.usage.totals(visit.who.account_id, since, until, by="day", fresh=False)
    names = {one.key_id: one.key_name for one in totals}
    charted = [one for one in totals if one.key_id == asked.key] if asked.key else totals
    by_day, by_key = counted(charted, lambda one: one.start), counted(totals, lambda one: one.key_id)
    chart = bars([Bar(empty.label, *by_day[one]) if one in by_day else empty for one, empty in _days(since, until)])
    most_first = sorted(by_key.items(), key=lambda one: (-sum(one[1]), one[0]))
    keys = [(one, names[one] or one, *count) for one, count in most_first]
    one = asked.key if asked.key in names else None
    of = "A key that was not used in these days" if one is None else names[one] or one
    return services.draw.page(
        "usage.html", visit, chart=chart, key=asked.key, of=of, keys=keys, since=since, until=until - _DAY
    )


@functools.lru_cache(maxsize=16)
def _days(since: datetime, until: datetime) -> tuple[tuple[datetime, Bar], ...]:
    """Return the days of a span, each with the bar of a day on which there was nothing."""
    days = (since + number * _DAY for number in range((until - since) // _DAY))
    return tuple((one, Bar(f"{one:%d %b}", 0, 0)) for one in days)


def _span(asked: Span, now: datetime) -> tuple[datetime, datetime]:
    """Return whole days: the last 30, or those that were asked for, the last of them included."""
    try:
        until = _midnight(typed_instant(asked.until, "until") or now) + _DAY
        since = _midnight(typed_instant(asked.since, "since") or until - _SHOWN * _DAY)
    except OverflowError:
        raise InvalidRequest("There is no such day.", field="until") from None
    if not _DAY <= until - since <= _MOST * _DAY:
        raise InvalidRequest(f"It must be 1 to {_MOST} days.", field="since")
    return since, until


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


PAGES = (Page("GET", "/usage", "usage:read", page, query=Span),)
