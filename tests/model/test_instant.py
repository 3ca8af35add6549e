"""An instant is the same instant whatever the zone it was given in, to the microsecond; what names none is refused."""

import math
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import InvalidRequest
from plexe_auth.model.instant import (
    EPOCH,
    after,
    checked_instant,
    from_microseconds,
    http_date,
    maybe_instant,
    maybe_microseconds,
    to_microseconds,
)

OFFSETS = st.integers(-86_399, 86_399).map(lambda seconds: timezone(timedelta(seconds=seconds)))
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
ELSEWHERE = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=OFFSETS | st.timezones())  # noqa: DTZ001


@given(INSTANTS)
def test_an_instant_comes_back_exactly(at: datetime) -> None:
    assert from_microseconds(to_microseconds(at)) == at
    assert from_microseconds(to_microseconds(at)).tzinfo is UTC
    assert maybe_instant(maybe_microseconds(at)) == at


@given(INSTANTS, INSTANTS)
def test_counting_keeps_order_and_distance(one: datetime, other: datetime) -> None:
    assert (to_microseconds(one) < to_microseconds(other)) == (one < other)
    assert timedelta(microseconds=to_microseconds(one) - to_microseconds(other)) == one - other


@given(ELSEWHERE)
def test_the_zone_that_it_was_given_in_does_not_count(at: datetime) -> None:
    checked = checked_instant("at", at)
    assert checked.tzinfo is UTC
    assert to_microseconds(checked) == to_microseconds(at) == to_microseconds(at.astimezone(UTC))


def test_the_count_begins_with_1970() -> None:
    assert to_microseconds(EPOCH) == 0
    assert to_microseconds(EPOCH - timedelta(microseconds=1)) == -1
    assert from_microseconds(1_774_785_600_123_456) == datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)


def test_nothing_stays_nothing() -> None:
    assert maybe_microseconds(None) is maybe_instant(None) is None


def test_K09_the_hour_that_comes_twice_is_two_instants() -> None:
    berlin = pytest.importorskip("zoneinfo").ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=berlin)
    again = first.replace(fold=1)
    assert (
        to_microseconds(checked_instant("at", again)) - to_microseconds(checked_instant("at", first)) == 3_600_000_000
    )


class Unfinished(tzinfo):
    """A time zone that does not tell its offset."""


class Nowhere(tzinfo):
    """A time zone that has no offset."""

    def utcoffset(self, _at: datetime | None) -> None:
        return None


WRONG = {
    "naive": datetime(2026, 1, 1),  # noqa: DTZ001 - this is the point
    "a zone without an offset": datetime(2026, 1, 1, tzinfo=Nowhere()),
    "an unfinished zone": datetime(2026, 1, 1, tzinfo=Unfinished()),
    "before the year 1": datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    "after the year 9999": datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
    "a date": date(2026, 1, 1),
    "a number": 1_750_000_000,
    "zero": 0,
    "a text": "2026-01-01T00:00:00Z",
    "nothing": None,
    "a span": timedelta(days=1),
}


@pytest.mark.parametrize("what", WRONG)
def test_K09_what_names_no_instant_is_refused_by_name(what: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        checked_instant("expires_at", WRONG[what])
    assert caught.value.field == "expires_at"


@given(INSTANTS, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36_500)))
def test_a_span_later_is_exactly_a_span_later(now: datetime, span: timedelta) -> None:
    try:
        assert after(now, "overlap", span, least=timedelta(0)) == now + span
    except InvalidRequest:
        assert now.year + 100 >= 9999


@pytest.mark.parametrize("span", [timedelta.max, timedelta(days=3_000_000)])
def test_a_span_beyond_the_calendar_is_refused(span: timedelta) -> None:
    with pytest.raises(InvalidRequest, match="too long"):
        after(EPOCH, "overlap", span, least=timedelta(0))


@given(st.timedeltas(max_value=timedelta(microseconds=-1)))
def test_a_negative_span_is_refused(span: timedelta) -> None:
    with pytest.raises(InvalidRequest, match="too short"):
        after(EPOCH, "overlap", span, least=timedelta(0))


@pytest.mark.parametrize("span", [0, 60, 1.5, math.nan, "PT1H", None, EPOCH])
def test_what_is_no_span_is_refused(span: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        after(EPOCH, "overlap", span, least=timedelta(0))
    assert caught.value.field == "overlap"


@given(st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are naive
def test_an_HTTP_date_is_that_of_RFC_9110(at: datetime) -> None:
    assert http_date(at) == format_datetime(at, usegmt=True)
    assert parsedate_to_datetime(http_date(at)) == at.replace(microsecond=0)
