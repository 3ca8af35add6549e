"""A key is good until the last microsecond before `expires_at`, and refused from then on."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from plexe_auth import ConfigurationError, ExpiredKey, InvalidRequest
from tests.conftest import Clock

TICK = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


def ends_at(auth: Any, clock: Clock, issued: Any, end: datetime) -> None:
    """Hold the key against both sides of its end."""
    clock.now = end - TICK
    assert auth.keys.verify(issued.secret.reveal()).id == issued.key.id
    assert auth.keys.get(issued.key.id).status(clock.now) == "active"
    clock.now = end
    with pytest.raises(ExpiredKey) as caught:
        auth.keys.verify(issued.secret.reveal())
    assert (caught.value.status, caught.value.code) == (401, "expired_key")
    assert auth.keys.get(issued.key.id).status(clock.now) == "expired"


@pytest.mark.parametrize("life", [2 * TICK, HOUR + TICK, timedelta(days=36_500)])
def test_K09_a_key_is_good_until_its_last_tick(auth: Any, clock: Clock, life: timedelta) -> None:
    issued = auth.keys.create("acct", name="CI", expires_in=life)
    assert issued.key.expires_at == clock.now + life
    ends_at(auth, clock, issued, clock.now + life)


def test_K09_a_changed_end_is_kept_to_the_microsecond(auth: Any, clock: Clock) -> None:
    issued = auth.keys.create("acct", name="CI", expires_in=HOUR)
    end = clock.now + 2 * HOUR + 7 * TICK
    assert auth.keys.update(issued.key.id, expires_at=end).expires_at == end
    ends_at(auth, clock, issued, end)


def test_K09_no_expiry_is_never(auth: Any, clock: Clock) -> None:
    issued = auth.keys.create("acct", name="CI", expires_in=HOUR)
    assert auth.keys.update(issued.key.id, expires_at=None).expires_at is None
    clock.now = datetime.max.replace(tzinfo=UTC)
    assert auth.keys.verify(issued.secret.reveal()).id == issued.key.id


@pytest.mark.parametrize(
    "end",
    [
        datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN),  # this hour comes twice
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN),
        datetime(2027, 3, 28, 2, 30, tzinfo=BERLIN),  # and this one never
        datetime(2026, 7, 1, 0, 0, 0, 1, tzinfo=timezone(timedelta(hours=-11, minutes=-30))),
    ],
)
def test_K09_an_end_in_any_time_zone_is_one_instant(quick: Any, clock: Clock, end: datetime) -> None:
    issued = quick.keys.create("acct", name="CI")
    key = quick.keys.update(issued.key.id, expires_at=end)
    assert (key.expires_at, key.expires_at.tzinfo) == (end.astimezone(UTC), UTC)
    ends_at(quick, clock, issued, end.astimezone(UTC))


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC)])
def test_K09_an_end_long_ago_is_an_end(auth: Any, at: datetime) -> None:
    issued = auth.keys.create("acct", name="CI")
    assert auth.keys.update(issued.key.id, expires_at=at) == auth.keys.get(issued.key.id)
    assert auth.keys.get(issued.key.id).expires_at == at
    with pytest.raises(ExpiredKey):
        auth.keys.verify(issued.secret.reveal())


class Unfinished(tzinfo):
    """A time zone that knows no offset."""


@pytest.mark.parametrize(
    "end",
    [
        datetime(2030, 1, 1),  # noqa: DTZ001 - naive on purpose
        datetime(2030, 1, 1, tzinfo=Unfinished()),
        datetime.max.replace(tzinfo=timezone(-HOUR)),
        datetime.min.replace(tzinfo=timezone(HOUR)),
        datetime(2030, 1, 1, tzinfo=UTC).date(),
        0,
        -1,
        1_893_456_000,
        True,
        "2030-01-01T00:00:00Z",
        HOUR,
    ],
)
def test_K09_an_end_is_an_instant_with_a_time_zone(quick: Any, end: Any) -> None:
    key = quick.keys.create("acct", name="CI").key
    with pytest.raises(InvalidRequest) as caught:
        quick.keys.update(key.id, expires_at=end)
    assert caught.value.field == "expires_at"
    assert quick.keys.get(key.id) == key


@pytest.mark.parametrize("life", [timedelta(0), -TICK, timedelta.min, timedelta.max, 0, -1, 3600, 1.0, True, "1h"])
def test_K09_a_life_is_a_span_that_ends_some_day(quick: Any, life: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        quick.keys.create("acct", name="CI", expires_in=life)
    assert caught.value.field == "expires_in"
    assert quick.keys.page("acct").items == ()


@pytest.mark.parametrize("now", [datetime(2026, 1, 1), None, 0, "now"])  # noqa: DTZ001 - naive on purpose
def test_K09_a_clock_that_does_not_say_which_instant_it_means_is_a_mistake(face: str, opened: Any, now: Any) -> None:
    auth = opened(face, "memory://", clock=lambda: now)
    with pytest.raises(ConfigurationError):
        auth.keys.create("acct", name="CI")


def test_K09_a_clock_in_another_time_zone_tells_the_same_time(face: str, opened: Any, clock: Clock) -> None:
    auth = opened(face, "memory://", clock=lambda: clock.now.astimezone(BERLIN))
    issued = auth.keys.create("acct", name="CI", expires_in=HOUR)
    assert (issued.key.created_at, issued.key.created_at.tzinfo) == (clock.now, UTC)
    ends_at(auth, clock, issued, clock.now + HOUR)
