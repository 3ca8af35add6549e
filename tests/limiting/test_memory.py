"""Counting in memory is exact between threads, bounded in buckets, and forgets no bucket that is in use."""

import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth.bridge import finish
from plexe_auth.clock import counting
from plexe_auth.limiting.limiter import Asked
from plexe_auth.limiting.memory import BUCKETS, MemoryLimiter
from tests.conftest import Clock
from tests.limiting.conftest import STRATEGIES, hit

FLOOD = int(os.environ.get("PLEXE_AUTH_FLOOD", "6000"))  # buckets of one request each; a million before a release
MOST = min(BUCKETS, FLOOD * 2 // 15)  # so many may be remembered
BYTES = 512  # that one of them may take; a few hundred are in use and unpacked, which the rest has to make up for


@pytest.fixture
def often() -> Iterator[None]:
    """Threads take turns after next to nothing."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_R04_exactly_so_many_of_all_threads_requests_pass(strategy: Any) -> None:
    limiter = MemoryLimiter(counting(Clock()), strategy)

    def passed(_thread: int) -> int:
        one = sum(hit(limiter, "one", "900/minute").allowed for _ in range(300))
        two = (Asked("one", "900/minute"), Asked("two", "900/minute"))
        return one + sum(finish(limiter.hit(*two)).allowed for _ in range(300))

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(passed, range(4))) == 900


@pytest.mark.usefixtures("often")
def test_R04_exactly_so_many_pass_where_places_are_given_out_several_times_and_looked_at_meanwhile() -> None:
    limiter = MemoryLimiter(counting(Clock()))

    def passed(_thread: int) -> int:
        count = 0
        for number in range(1500):
            count += hit(limiter, "one", "3500/minute").allowed
            if number % 100 == 0:
                limiter.peek("one", "3500/minute")
        return count

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(passed, range(4))) == 3500


def test_what_remains_is_one_less_each_time_and_the_last_one_is_told() -> None:
    limiter = MemoryLimiter(counting(Clock()))
    assert [hit(limiter, "one", "2500/minute").stands()[0] for _ in range(2500)] == list(range(2499, -1, -1))
    assert not hit(limiter, "one", "2500/minute").allowed


def test_places_are_given_out_twice_as_many_as_were_taken_before_but_never_too_many_to_count() -> None:
    clock = Clock()
    limiter = MemoryLimiter(counting(clock))
    given = []
    for _ in range(25_000):
        hit(limiter, "one", "1000000/hour")
        given.append(limiter._hot["one"].held.given)
    assert list(dict.fromkeys(given)) == [100, 200, 400, 800, 1600, 3200, 6400, 10_000]
    for _ in range(2):  # the second time it is known that few come
        clock.advance(timedelta(hours=2))
        hit(limiter, "one", "1000000/hour")
    assert limiter._hot["one"].held.given == 100


@pytest.mark.parametrize("rate", ["5/minute", "5000/minute"])
def test_R04_who_comes_with_places_that_were_counted_meanwhile_gets_none_of_them(rate: str) -> None:
    limiter = MemoryLimiter(counting(Clock()))
    hit(limiter, "one", rate)
    held = limiter._hot["one"].held  # as a thread has it that is stopped right here
    assert next(held.places, None) is not None
    limiter.peek("one", rate)
    assert next(held.places, None) is None
    assert limiter.peek("one", rate).stands()[0] == int(rate.partition("/")[0]) - 3


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_R08_a_flood_of_buckets_stays_under_the_bound_and_resets_none_that_is_in_use(strategy: Any) -> None:
    limiter = MemoryLimiter(counting(Clock()), strategy, buckets=MOST)
    passed = 0

    def flooded() -> None:
        nonlocal passed
        for number in range(FLOOD):
            hit(limiter, f"flood {number}", "5/minute")
            if number % (MOST // 2) == 0:
                passed += hit(limiter, "hot", "5/minute").allowed
            assert held(limiter) <= MOST

    assert peak_of(flooded) <= MOST * BYTES
    assert passed == 5


def peak_of(act: Callable[[], None]) -> int:
    """Return how many bytes more than before it were in use at once."""
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def held(limiter: MemoryLimiter) -> int:
    return len(limiter._hot) + len(limiter._young) + len(limiter._old)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_one_bucket_counts_for_rates_of_different_length_together(strategy: Any) -> None:
    limiter = MemoryLimiter(counting(Clock()), strategy)
    assert hit(limiter, "one", "5/minute").allowed
    assert hit(limiter, "one", "5/minute").allowed
    assert hit(limiter, "one", "3/minute; 9/hour").allowed
    assert not hit(limiter, "one", "3/minute").allowed
    assert hit(limiter, "one", "5/minute").allowed
    assert hit(limiter, "one", "5/minute").allowed
    assert not hit(limiter, "one", "5/minute").allowed


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_is_asked_twice_in_one_request_is_counted_once(strategy: Any) -> None:
    limiter = MemoryLimiter(counting(Clock()), strategy)
    twice = (Asked("one", "2/minute"), Asked("one", "2/minute"))
    assert [finish(limiter.hit(*twice)).allowed for _ in range(3)] == [True, True, False]
    both = (Asked("other", "2/minute"), Asked("other", "5/minute"))
    assert [finish(limiter.hit(*both)).allowed for _ in range(3)] == [True, True, False]


def test_a_forked_child_gets_a_lock_of_its_own() -> None:
    limiter = MemoryLimiter(time.time_ns)
    hit(limiter, "one", "2/minute")
    limiter._lock.acquire()
    child = os.fork()
    if child == 0:
        os._exit(0 if hit(limiter, "one", "2/minute").allowed else 1)
    assert os.waitpid(child, 0)[1] == 0
