"""In the store: rows of windows that are long over go away, a refusal writes nothing, and an outage is an outage."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import Settings, Unavailable
from plexe_auth.bridge import finish
from plexe_auth.clock import counting
from plexe_auth.limiting.limiter import Asked
from plexe_auth.limiting.opening import open_limiter
from plexe_auth.limiting.stored import StoredLimiter
from plexe_auth.rows import Change, Query
from plexe_auth.storage.colour import Settled
from plexe_auth.storage.memory import MemoryStore
from tests.conftest import Clock
from tests.limiting.conftest import STRATEGIES, Opener

TABLES = {"sliding": "rates", "fixed": "rates", "moving": "rate_hits"}


class Counting(MemoryStore):
    """Counts commits, and makes them fail where it is told to."""

    commits = 0
    down = False

    def commit(self, *changes: Change) -> tuple[int, ...]:
        if self.down:
            raise Unavailable
        self.commits += 1
        return super().commit(*changes)


def rows(store: Any, table: str) -> int:
    return len(finish(store.page(Query(table, (), order=("id",), limit=10_000))))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_rows_of_windows_that_are_long_over_go_away(
    strategy: str, opening: Opener, clock: Clock, place: Callable[[str], dict[str, str]]
) -> None:
    limiter = opening("blocking", clock, rate_strategy=strategy, **place("sqlite"))
    store = limiter.limiter._limiter._store  # type: ignore[attr-defined]
    for number in range(250):
        limiter.run(limiter.limiter.hit(Asked(str(number), "9/minute")))
    clock.advance(timedelta(hours=1))
    limiter.hit("9/minute")
    assert rows(store, TABLES[strategy]) == 251, "kept for an hour, in case the clock is wrong"
    clock.advance(timedelta(minutes=3))
    limiter.hit("9/minute")
    assert rows(store, TABLES[strategy]) in (51, 52), "two hundred at once"
    limiter.hit("9/minute")
    assert rows(store, TABLES[strategy]) <= 3


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_was_counted_under_a_greater_rate_counts_under_a_smaller_one(strategy: Any) -> None:
    limiter = StoredLimiter(Settled(MemoryStore()), counting(Clock()), strategy)
    assert [finish(limiter.hit(Asked("one", "50/minute"))).allowed for _ in range(5)] == [True] * 5
    refused = finish(limiter.hit(Asked("one", "5/minute")))
    assert (refused.allowed, refused.retry_after >= 60) == (False, True)
    assert finish(limiter.hit(Asked("one", "50/minute"))).allowed


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_refusal_writes_nothing(strategy: Any) -> None:
    store = Counting()
    limiter = StoredLimiter(Settled(store), counting(Clock()), strategy)
    passed = [finish(limiter.hit(Asked("one", "3/minute; 5/day"))).allowed for _ in range(10)]
    assert (sum(passed), store.commits) == (3, 3)


def test_R06_a_store_that_does_not_answer_is_an_outage_like_any_other(clock: Clock) -> None:
    store = Counting()
    store.caches = None  # type: ignore[assignment]  # as if others could change its rows
    limiter = open_limiter(Settings(), Settled(store), clock, blocking=True)
    assert finish(limiter.hit(Asked("one", "30/minute"))).allowed
    assert store.commits == 1
    store.down = True
    assert sum(finish(limiter.hit(Asked("one", "30/minute"))).allowed for _ in range(30)) == 3


def test_a_store_that_answers_without_doing_is_given_up_on() -> None:
    class Refusing(MemoryStore):
        def commit(self, *changes: Change) -> tuple[int, ...]:
            from plexe_auth import Conflict

            raise Conflict

    limiter = StoredLimiter(Settled(Refusing()), counting(Clock()))
    with pytest.raises(Unavailable):
        finish(limiter.hit(Asked("one", "3/minute")))
