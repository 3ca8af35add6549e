"""`FakeClock` stands still, moves only when told, and is always in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from plexe_auth import Auth
from plexe_auth.testing import FakeClock


def test_it_stands_still() -> None:
    clock = FakeClock()
    assert clock() == clock()


def test_two_clocks_begin_alike_so_that_every_run_is_the_same() -> None:
    assert FakeClock()() == FakeClock()()


def test_it_moves_by_just_the_span() -> None:
    clock = FakeClock()
    before = clock()
    assert clock.advance(timedelta(days=30, microseconds=1)) == clock() == before + timedelta(days=30, microseconds=1)


def test_it_can_be_set_back_as_a_hosts_clock_can() -> None:
    clock = FakeClock()
    before = clock()
    clock.advance(timedelta(seconds=-1))
    assert clock() == before - timedelta(seconds=1)


def test_it_starts_where_it_is_told_and_speaks_utc() -> None:
    clock = FakeClock(datetime(2027, 7, 1, 2, 30, tzinfo=timezone(timedelta(hours=2))))
    assert (clock(), clock().tzinfo) == (datetime(2027, 7, 1, 0, 30, tzinfo=UTC), UTC)


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        FakeClock(datetime(2027, 7, 1))  # noqa: DTZ001 - the mistake under test


def test_a_number_is_no_span() -> None:
    with pytest.raises(TypeError, match="advance takes a timedelta, not int"):
        FakeClock().advance(60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_its_repr_tells_the_time() -> None:
    assert repr(FakeClock(datetime(2027, 7, 1, tzinfo=UTC))) == "FakeClock(2027-07-01 00:00:00.000000)"


def test_it_serves_as_the_clock_of_an_auth_opened_by_hand() -> None:
    clock = FakeClock()
    with Auth.open("memory://", clock=clock) as auth:
        assert auth.keys.create("acct_42", name="CI").key.created_at == clock()
