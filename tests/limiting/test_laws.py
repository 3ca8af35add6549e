"""What each strategy promises, whatever the order of requests: held against the limiter in memory."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as run
from hypothesis import strategies as st

from plexe_auth.bridge import finish
from plexe_auth.clock import counting
from plexe_auth.limiting.limiter import SECOND, Asked
from plexe_auth.limiting.memory import MemoryLimiter
from tests.conftest import Clock
from tests.limiting.conftest import STRATEGIES, hit

LENGTH = 10 * SECOND
MANY = [0] * 6


def across(before: int, after: int) -> list[int]:
    """Come with many just before and with many just after the end of a window."""
    return [LENGTH - before, *MANY, before + after, *MANY]


SHORTLY = st.integers(0, LENGTH // 20)
SPANS = st.one_of(st.just(0), st.integers(0, LENGTH // 2), st.integers(0, 3 * LENGTH))
PAUSES = st.lists(st.one_of(SPANS.map(lambda span: [span]), st.builds(across, SHORTLY, SHORTLY)), max_size=30).map(
    lambda parts: [pause for part in parts for pause in part]
)


def passed_at(strategy: Any, count: int, pauses: list[int]) -> tuple[list[int], list[int]]:
    """Return when requests passed and when others were refused, in microseconds."""
    clock, at = Clock(), 0
    limiter = MemoryLimiter(counting(clock), strategy)
    passed, refused = list[int](), list[int]()
    for pause in pauses:
        clock.advance(timedelta(microseconds=pause))
        at += pause
        tally = finish(limiter.hit(Asked("one", f"{count}/10 second")))
        (passed if tally.allowed else refused).append(at)
    return passed, refused


def within(times: list[int], after: int, until: int) -> int:
    return sum(after < one <= until for one in times)


@run(max_examples=150)
@given(st.integers(1, 6), PAUSES)
def test_moving_lets_exactly_so_many_pass_in_any_window(count: int, pauses: list[int]) -> None:
    passed, refused = passed_at("moving", count, pauses)
    assert all(within(passed, at - LENGTH, at) <= count for at in passed)
    assert all(within(passed, at - LENGTH, at) == count for at in refused)


@run(max_examples=300)
@given(st.integers(1, 6), PAUSES)
def test_R05_fixed_lets_at_most_twice_as_many_pass_and_refuses_only_in_a_full_window(
    count: int, pauses: list[int]
) -> None:
    passed, refused = passed_at("fixed", count, pauses)
    assert all(within(passed, at - LENGTH, at) <= 2 * count for at in passed)
    assert all(within(passed, at - LENGTH, at) >= count for at in refused)


@run(max_examples=300)
@given(st.integers(1, 6), PAUSES, st.integers(1, LENGTH))
def test_R05_sliding_keeps_its_bound_and_refuses_only_after_so_many(count: int, pauses: list[int], span: int) -> None:
    passed, refused = passed_at("sliding", count, pauses)
    bound = min(2 * count, count + count * span / LENGTH + 1)
    assert all(within(passed, at - span, at) <= bound for at in passed)
    assert all(within(passed, at - 2 * LENGTH, at) >= count for at in refused)


@pytest.mark.parametrize(("strategy", "across"), [("sliding", 1), ("moving", 1), ("fixed", 6)])
def test_R05_of_a_burst_across_the_edge_passes_what_the_strategy_says(strategy: Any, across: int) -> None:
    clock = Clock()
    limiter = MemoryLimiter(counting(clock), strategy)

    def passed() -> int:
        return sum(hit(limiter, "one", "6/10 second").allowed for _ in range(10))

    assert hit(limiter, "one", "6/10 second").allowed
    clock.advance(timedelta(seconds=9.9))
    assert passed() == 5
    clock.advance(timedelta(seconds=0.2))
    assert passed() == across


def test_what_was_free_in_one_window_is_not_given_in_the_next() -> None:
    clock = Clock()
    limiter = MemoryLimiter(counting(clock), "fixed")
    assert hit(limiter, "one", "3/10 second").allowed
    clock.advance(timedelta(seconds=10))
    assert sum(hit(limiter, "one", "3/10 second").allowed for _ in range(10)) == 3


@pytest.mark.parametrize("strategy", STRATEGIES)
@run(max_examples=60)
@given(PAUSES, st.sampled_from(["3/10 second", "2/second; 5/minute", "1/7 second, 4/20 second"]))
def test_R09_who_waits_as_long_as_told_passes_and_a_second_earlier_does_not(
    strategy: Any, pauses: list[int], rate: str
) -> None:
    clock = Clock()
    limiter = MemoryLimiter(counting(clock), strategy)
    for pause in pauses:
        clock.advance(timedelta(microseconds=pause))
        tally = finish(limiter.hit(Asked("one", rate)))
        if not tally.allowed:
            clock.advance(timedelta(seconds=tally.retry_after - 1))
            assert tally.retry_after == 1 or not limiter.peek("one", rate).allowed
            clock.advance(timedelta(seconds=1))
            assert hit(limiter, "one", rate).allowed


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_who_peeks_learns_whether_a_bucket_is_full_and_counts_nothing(strategy: Any) -> None:
    limiter = MemoryLimiter(counting(Clock()), strategy)
    assert [limiter.peek("one", "2/minute").allowed for _ in range(5)] == [True] * 5
    assert [hit(limiter, "one", "2/minute").allowed for _ in range(3)] == [True, True, False]
    assert not limiter.peek("one", "2/minute").allowed
    assert limiter.peek("another", "2/minute").allowed
