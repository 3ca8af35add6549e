"""The access log, usage, and who asks; each is the principal's own account's."""

from datetime import datetime, timedelta

from plexe_auth.errors import InvalidRequest
from plexe_auth.manage.services import Services, who
from plexe_auth.manage.shapes import EntriesAsked, UsageAsked
from plexe_auth.manage.shown import Entry, EntryList, Me, Total, TotalList
from plexe_auth.web.answering import json_answer
from plexe_auth.web.route import Asked
from plexe_auth.wire import Response

_USUAL_SPAN = timedelta(days=30)
_LONGEST_SPAN = {"key": timedelta(days=366), "day": timedelta(days=366), "hour": timedelta(days=31)}


async def entries(services: Services, asked: Asked) -> Response:
    """List entries of the access log."""
    wanted: EntriesAsked = asked.query
    found = await services.log.page(
        who(asked).account_id,
        wanted.key_id,
        wanted.user_id,
        wanted.action,
        wanted.outcome,
        wanted.since,
        wanted.until,
        wanted.after,
        wanted.limit,
    )
    return json_answer(EntryList([Entry.of(entry) for entry in found], found.next))


async def usage(services: Services, asked: Asked) -> Response:
    """Total how often keys were used."""
    wanted: UsageAsked = asked.query
    until = wanted.until or services.now()
    since = wanted.since or _earlier(until)
    if until - since > (longest := _LONGEST_SPAN[wanted.by]):
        raise InvalidRequest(f"By {wanted.by}, at most {longest.days} days are totalled at once.", field="since")
    found = await services.usage.totals(who(asked).account_id, since, until, wanted.by)
    return json_answer(TotalList([Total.of(total) for total in found], None))


async def me(_services: Services, asked: Asked) -> Response:
    """Tell who asks, and what they may do."""
    return json_answer(Me.of(who(asked)))


def _earlier(until: datetime) -> datetime:
    try:
        return until - _USUAL_SPAN
    except OverflowError:
        raise InvalidRequest("until is out of range.", field="until") from None
