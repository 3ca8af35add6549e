"""An instant becomes a number and a header, and the number becomes the same instant again, to the microsecond."""

from datetime import UTC, datetime
from email.utils import format_datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from plexe_auth.model.instant import from_microseconds, http_date, to_microseconds

INSTANTS = st.datetimes(timezones=st.just(UTC))


@settings(deadline=None)
@given(INSTANTS, INSTANTS)
def test_numbers_keep_instants_and_their_order(one: datetime, other: datetime) -> None:
    assert from_microseconds(to_microseconds(one)) == one
    assert (to_microseconds(one) < to_microseconds(other)) == (one < other)
    assert -(2**63) <= to_microseconds(one) < 2**63


@settings(deadline=None)
@given(INSTANTS)
def test_a_header_tells_the_instant_as_mail_does(at: datetime) -> None:
    assert http_date(at) == format_datetime(at.replace(microsecond=0), usegmt=True)
