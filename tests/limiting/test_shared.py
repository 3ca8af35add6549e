"""Several processes share a limit exactly: n in a window means n over all of them, on both faces and in all windows."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path
from uuid import uuid4

import pytest
from limits import aio, parse, strategies

from plexe_auth import AsyncAuth, Auth, Settings
from plexe_auth.bridge import finish
from plexe_auth.clock import system_clock
from plexe_auth.contrib.limits import AsyncStoreStorage, StoreStorage
from plexe_auth.limiting.limiter import Asked, Strategy
from plexe_auth.limiting.opening import open_limiter
from tests.limiting.conftest import patient
from tests.stores import emptied, sqlite_url

PROCESSES = 4
REQUESTS = 50  # of each process,
AT_ONCE = 10  # and so many of them at any time: the pools of a process hold no hundreds of connections
PLACES = ("sqlite", "postgresql", "mariadb", "redis", "valkey", "memcached")
STRATEGIES: tuple[Strategy, ...] = ("sliding", "fixed", "moving")
FITTING = 30
RATE = f"{FITTING}/hour; {FITTING + 10}/day"
BY_LIMITS = ("SlidingWindowCounterRateLimiter", "FixedWindowRateLimiter", "MovingWindowRateLimiter")
COST = 3
HOURLY = parse(f"{COST * FITTING}/hour")

Round = tuple[Settings, tuple[Asked, ...]]


class Here:
    """What a process is given when it begins: a barrier can be handed over at no other time."""

    start: Barrier

    @classmethod
    def begin(cls, start: Barrier) -> None:
        cls.start = start


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(PROCESSES, timeout=60)
    with ProcessPoolExecutor(PROCESSES, context, Here.begin, (start,)) as processes:
        yield processes


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> tuple[str, str]:
    """The store, and where rates are counted."""
    if request.param == "sqlite":
        return sqlite_url(sqlite_template, tmp_path, rollback=False), "store"
    url = request.getfixturevalue(f"{request.param}_url")
    if request.param in ("postgresql", "mariadb"):
        return emptied(url), "store"
    return "memory://", patient(url)


def test_R04_of_two_hundred_requests_over_four_processes_pass_exactly_n(
    processes: ProcessPoolExecutor, place: tuple[str, str]
) -> None:
    store, counter = place
    rounds = [
        a_round(counter, strategy) for strategy in STRATEGIES if (counter[:9], strategy) != ("memcached", "moving")
    ]
    working = [processes.submit(side, store, rounds) for side in (blocking, awaited) * 2]
    passed = [work.result() for work in working]
    assert [sum(each) for each in zip(*passed, strict=True)] == [FITTING] * len(rounds)
    assert left(store, rounds) == [[9, 19]] * len(rounds)  # counted in all windows, or in none


@pytest.mark.parametrize("place", ["sqlite", "postgresql", "mariadb"], indirect=True)
def test_R04_what_limits_counts_in_the_store_is_shared_as_exactly(
    processes: ProcessPoolExecutor, place: tuple[str, str]
) -> None:
    working = [processes.submit(side, place[0]) for side in (by_limits, by_limits_awaited) * 2]
    passed = [work.result() for work in working]
    assert [sum(each) for each in zip(*passed, strict=True)] == [FITTING] * len(BY_LIMITS)


def by_limits(store: str) -> list[int]:
    """Ask each strategy of `limits` from several threads, and count what passes."""
    passed: list[int] = []
    with Auth.open(store) as auth, ThreadPoolExecutor(AT_ONCE) as threads:
        for name in BY_LIMITS:
            limiter = getattr(strategies, name)(StoreStorage(auth=auth))
            Here.start.wait()
            passed.append(sum(threads.map(lambda _, hit=limiter.hit: hit(HOURLY, "one", cost=COST), range(REQUESTS))))
    return passed


def by_limits_awaited(store: str) -> list[int]:
    """Ask from as many tasks of one loop."""

    async def main() -> list[int]:
        async with AsyncAuth.open(store) as auth:
            storage = AsyncStoreStorage(auth=auth)
            return [await one(getattr(aio.strategies, name)(storage)) for name in BY_LIMITS]

    async def one(limiter: aio.strategies.RateLimiter) -> int:
        turns = iter(range(REQUESTS))

        async def some() -> int:
            return sum([await limiter.hit(HOURLY, "one", cost=COST) for _ in turns])

        Here.start.wait()
        return sum(await asyncio.gather(*(some() for _ in range(AT_ONCE))))

    return asyncio.run(main())


def a_round(counter: str, strategy: Strategy) -> Round:
    key, account = Asked(f"key:{uuid4()}", RATE), Asked(f"all:{uuid4()}", f"{FITTING + 20}/day")
    return Settings(rate_storage=counter, rate_strategy=strategy, rate_outage="refuse"), (key, account)


def left(store: str, rounds: list[Round]) -> list[list[int]]:
    """How many more fit into the longer windows after one more, which does."""
    with Auth.open(store) as auth:
        return [[more(auth, settings, one) for one in asked] for settings, asked in rounds]


def more(auth: Auth, settings: Settings, asked: Asked) -> int:
    limiter = open_limiter(settings, auth.world.store, system_clock, blocking=True)
    tally = finish(limiter.hit(asked._replace(rate=asked.rate.rpartition(";")[2])))
    finish(limiter.close())
    assert tally.allowed
    return tally.stands()[0]


def blocking(store: str, rounds: list[Round]) -> list[int]:
    """Ask from several threads, and count what passes in each round."""
    passed: list[int] = []
    with Auth.open(store) as auth, ThreadPoolExecutor(AT_ONCE) as threads:
        for settings, asked in rounds:
            limiter = open_limiter(settings, auth.world.store, system_clock, blocking=True)
            Here.start.wait()
            tallies = list(threads.map(lambda _, hit=limiter.hit, asked=asked: finish(hit(*asked)), range(REQUESTS)))
            passed.append(sum(tally.allowed for tally in tallies))
            finish(limiter.close())
    return passed


def awaited(store: str, rounds: list[Round]) -> list[int]:
    """Ask from as many tasks of one loop."""

    async def main() -> list[int]:
        async with AsyncAuth.open(store) as auth:
            return [await one(auth, settings, asked) for settings, asked in rounds]

    async def one(auth: AsyncAuth, settings: Settings, asked: tuple[Asked, ...]) -> int:
        limiter, turns = open_limiter(settings, auth.world.store, system_clock, blocking=False), iter(range(REQUESTS))

        async def some() -> int:
            return sum([(await limiter.hit(*asked)).allowed for _ in turns])

        Here.start.wait()
        passed = sum(await asyncio.gather(*(some() for _ in range(AT_ONCE))))
        await limiter.close()
        return passed

    return asyncio.run(main())
