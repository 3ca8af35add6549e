"""Wherever it is counted: all windows or none, what the tally says is true, and no clock gives anything away."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as run
from hypothesis import strategies as st

from plexe_auth import ConfigurationError
from plexe_auth.limiting.limiter import Asked
from tests.conftest import Clock
from tests.limiting.conftest import KINDS, Opener, Plain

AN_HOUR = timedelta(hours=1)


def test_so_many_pass_and_then_the_tally_says_when_the_next_will(limiter: Plain, clock: Clock) -> None:
    tallies = [limiter.hit("3/minute") for _ in range(4)]
    assert [one.allowed for one in tallies] == [True, True, True, False]
    assert [one.stands()[0] for one in tallies] == [2, 1, 0, 0]
    assert [(one.policy.count, one.policy.seconds) for one in tallies] == [(3, 60)] * 4
    assert all(1 <= one.stands()[1] <= 60 for one in tallies)
    assert [one.retry_after for one in tallies[:3]] == [0, 0, 0]
    clock.advance(timedelta(seconds=tallies[3].retry_after - 1, microseconds=-1))
    assert not limiter.hit("3/minute").allowed
    clock.advance(timedelta(seconds=1, microseconds=1))
    assert limiter.hit("3/minute").allowed


def test_what_one_window_refuses_is_counted_in_none(limiter: Plain, clock: Clock) -> None:
    assert limiter.passed(5, "100/day", "2/minute; 3/day") == 2
    clock.advance(timedelta(minutes=2))
    assert limiter.passed(5, "100/day", "2/minute; 3/day") == 1
    # Had refusals been counted, the first bucket would hold more than three.
    tally = limiter.run(limiter.limiter.hit(Asked(f"{limiter.bucket}0", "100/day")))
    assert tally.stands()[0] == 96


def test_R04_where_all_requests_have_left_exactly_so_many_of_all_threads_pass_again(
    limiter: Plain, clock: Clock
) -> None:
    assert limiter.passed(5, "4/minute") == 4
    clock.advance(timedelta(minutes=2))
    with ThreadPoolExecutor(8) as threads:
        tallies = list(threads.map(lambda _: limiter.hit("4/minute"), range(24)))
    assert sum(tally.allowed for tally in tallies) == 4


def test_R05_a_clock_that_goes_back_neither_locks_for_longer_than_a_window_nor_refills(
    limiter: Plain, clock: Clock
) -> None:
    assert limiter.passed(5, "4/minute") == 4
    clock.advance(-AN_HOUR)
    assert limiter.passed(5, "4/minute") == 0
    clock.advance(timedelta(minutes=1))
    assert limiter.hit("4/minute").allowed


def test_R05_a_clock_that_goes_back_with_room_left_gives_no_more_than_that(limiter: Plain, clock: Clock) -> None:
    assert limiter.passed(3, "4/minute") == 3
    clock.advance(-AN_HOUR)
    assert limiter.hit("4/minute").allowed
    clock.advance(timedelta(seconds=30))
    assert limiter.passed(5, "4/minute") == 0
    clock.advance(timedelta(seconds=30))
    assert limiter.hit("4/minute").allowed, "it began anew with the first request that came back"


def test_R05_what_was_counted_before_a_clock_went_back_is_forgotten_as_if_it_was_counted_then(
    limiter: Plain, clock: Clock
) -> None:
    assert limiter.passed(3, "4/minute") == 3
    clock.advance(-AN_HOUR)
    assert limiter.hit("4/minute").allowed, "nobody is refused meanwhile"
    clock.advance(timedelta(minutes=2))  # a sliding window counts for two
    assert limiter.passed(5, "4/minute") == 4


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["3/10 second", "2/second; 5/minute", "7/minute"]),
        st.one_of(st.just(0), st.integers(0, 12_000_000), st.integers(-30_000_000, 0)),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("backend", "strategy"), [kind for kind in KINDS if kind[0] in ("sqlite", "redis", "memcached")]
)
@run(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_backend_decides_as_memory_does(
    backend: str, strategy: str, steps: Any, opening: Opener, place: Callable[[str], dict[str, str]]
) -> None:
    clock = Clock()
    one, other = _pair(backend, strategy, opening, place)
    one.bucket = other.bucket = one.bucket + "x"
    for rate, step in steps:
        microseconds = abs(step) if strategy == "moving" else step  # a clock that goes back has a law of its own
        clock.advance(timedelta(microseconds=microseconds))
        CLOCK.now = clock.now
        ours, theirs = one.hit(rate), other.hit(rate)
        assert (ours.allowed, ours.retry_after) == (theirs.allowed, theirs.retry_after)


CLOCK = Clock()
_pairs: dict[tuple[str, str, int], tuple[Plain, Plain]] = {}


def _pair(backend: str, strategy: str, opening: Opener, place: Callable[[str], dict[str, str]]) -> tuple[Plain, Plain]:
    """Opened once for all examples of a test."""
    key = (backend, strategy, id(opening))
    if key not in _pairs:
        memory = opening("blocking", CLOCK, rate_strategy=strategy, rate_storage="memory://")
        _pairs[key] = (opening("blocking", CLOCK, rate_strategy=strategy, **place(backend)), memory)
    return _pairs[key]


def test_moving_windows_are_not_offered_where_they_would_outgrow_a_value(
    face: str, opening: Opener, clock: Clock
) -> None:
    with pytest.raises(ConfigurationError, match="moving"):
        opening(face, clock, rate_strategy="moving", rate_storage="memcached://localhost")
