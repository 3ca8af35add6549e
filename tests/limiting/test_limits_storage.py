"""The store as a storage of ``limits``: what that library asks of a storage holds, on both faces and every store."""

from datetime import timedelta
from typing import Any

import limits
import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import aio
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string

from plexe_auth import AsyncAuth, Auth, Unavailable
from plexe_auth.contrib.limits import AsyncStoreStorage, StoreStorage
from plexe_auth.rows import Change, Query, Row
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.threaded import Threaded
from tests.conftest import Clock
from tests.faces import Loop, Plainly

NAMES = {"fixed": "FixedWindow", "moving": "MovingWindow", "sliding": "SlidingWindowCounter"}
ONE, OTHER = "acct_42", "acct_43"


def strategy(name: str, storage: Any) -> Any:
    """Return the strategy of `limits` of that name and of the storage's colour."""
    of = aio.strategies if isinstance(storage, aio.storage.Storage) else limits.strategies
    return getattr(of, f"{NAMES[name]}RateLimiter")(storage)


def rate(text: str) -> Any:
    return limits.parse(text)


@pytest.fixture
def storage(auth: Any, face: str) -> Any:
    """A storage of each face over each store."""
    return StoreStorage(auth=auth) if face == "blocking" else AsyncStoreStorage(auth=auth.awaited)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def limiter(storage: Any, name: str, face: str, loop: Loop) -> Any:
    """A strategy that is called plainly."""
    found = strategy(name, storage)
    return found if face == "blocking" else Plainly(found, loop)


def hits(limiter: Any, text: str, who: str, *costs: int) -> list[bool]:
    return [limiter.hit(rate(text), who, cost=cost) for cost in costs]


def test_n_pass_and_none_more_until_the_window_is_over(limiter: Any, clock: Clock) -> None:
    assert hits(limiter, "3/minute", ONE, 1, 1, 1, 1) == [True, True, True, False]
    assert hits(limiter, "3/minute", OTHER, 1) == [True]
    assert hits(limiter, "4/minute", ONE, 1) == [True], "another rate is another window"
    clock.advance(timedelta(minutes=2))
    assert limiter.get_window_stats(rate("3/minute"), ONE).remaining == 3
    assert hits(limiter, "3/minute", ONE, 1, 1, 1, 1) == [True, True, True, False]


def test_a_cost_fits_whole_or_not_at_all(limiter: Any, name: str) -> None:
    assert hits(limiter, "5/minute", ONE, 6) == [False]
    limiter.clear(rate("5/minute"), ONE)
    assert hits(limiter, "5/minute", ONE, 3, 3) == [True, False]
    # A fixed window of limits charges what it refuses as well.
    assert hits(limiter, "5/minute", ONE, 2) == [name != "fixed"]


def test_it_tells_how_a_window_stands(limiter: Any, name: str, clock: Clock) -> None:
    assert limiter.get_window_stats(rate("5/minute"), ONE).remaining == 5
    limiter.hit(rate("5/minute"), ONE, cost=2)
    began = clock.now.timestamp()
    clock.advance(timedelta(seconds=15))
    limiter.hit(rate("5/minute"), ONE)
    assert limiter.test(rate("5/minute"), ONE, cost=2)
    assert not limiter.test(rate("5/minute"), ONE, cost=3)
    stands = limiter.get_window_stats(rate("5/minute"), ONE)
    assert stands.remaining == 2
    if name != "sliding":  # where limits itself looks at the host's clock
        assert stands.reset_time == pytest.approx(began + 60, abs=1e-5)


def test_a_sliding_window_fades(storage: Any, face: str, loop: Loop, clock: Clock) -> None:
    plain = storage if face == "blocking" else Plainly(storage, loop)
    assert plain.acquire_sliding_window_entry("one", 10, 60, 10)
    assert plain.get_sliding_window("one", 60) == (0, 0.0, 10, 120.0)
    clock.advance(timedelta(seconds=75))
    assert plain.get_sliding_window("one", 60) == (10, 45.0, 0, 105.0)
    assert plain.acquire_sliding_window_entry("one", 10, 60, 3)
    assert not plain.acquire_sliding_window_entry("one", 10, 60, 1)
    plain.clear_sliding_window("one", 60)
    assert plain.get_sliding_window("one", 60) == (0, 0.0, 0, 120.0)


def test_what_is_cleared_begins_anew(limiter: Any) -> None:
    hits(limiter, "3/minute", ONE, 3)
    hits(limiter, "3/minute", OTHER, 3)
    limiter.clear(rate("3/minute"), ONE)
    assert hits(limiter, "3/minute", ONE, 3) == [True]
    assert hits(limiter, "3/minute", OTHER, 1) == [False]


def test_it_opens_by_url(loop: Loop) -> None:
    with Auth.open("memory://") as auth:
        options: Any = {"auth": auth}
        assert isinstance(storage_from_string("plexe-auth://", **options), StoreStorage)
        assert isinstance(storage_from_string("async+plexe-auth://", **options), AsyncStoreStorage)


@pytest.mark.parametrize("name", NAMES)
@given(asked=st.lists(st.tuples(st.sampled_from((ONE, OTHER)), st.integers(1, 6)), max_size=12), n=st.integers(1, 8))
def test_at_one_instant_it_answers_as_the_memory_of_limits(name: str, asked: list[tuple[str, int]], n: int) -> None:
    item = rate(f"{n}/year")  # which the hour in which the test runs does not end
    with Auth.open("memory://") as auth:
        both = [strategy(name, storage) for storage in (StoreStorage(auth=auth), MemoryStorage())]
        for who, cost in asked:
            ours, theirs = [
                (one.test(item, who, cost=cost), one.hit(item, who, cost=cost), one.get_window_stats(item, who)[1])
                for one in both
            ]
            assert ours == theirs


def test_rows_of_windows_that_are_over_go_away(clock: Clock) -> None:
    store = MemoryStore()
    limiter = strategy("fixed", StoreStorage(auth=Auth(store, clock=clock)))
    for number in range(150):
        limiter.hit(rate("9/minute"), str(number))
    clock.advance(timedelta(hours=1, minutes=3))
    limiter.hit(rate("9/minute"), ONE)
    assert len(store.page(Query("rates", (), order=("id",), limit=1000))) == 1


def test_no_key_stands_in_the_store() -> None:
    store = MemoryStore()
    for name in NAMES:
        strategy(name, StoreStorage(auth=Auth(store))).hit(rate("9/minute"), "jane@example.com")
    for table in ("rates", "rate_hits"):
        rows = store.page(Query(table, (), order=("id",), limit=1000))
        assert rows
        assert "jane" not in str(rows)


def test_keys_of_everybody_are_not_reset(storage: Any, face: str, loop: Loop) -> None:
    with pytest.raises(NotImplementedError):
        (storage if face == "blocking" else Plainly(storage, loop)).reset()


def over(store: MemoryStore, face: str, **options: Any) -> Any:
    if face == "blocking":
        return StoreStorage(auth=Auth(store), **options)
    return AsyncStoreStorage(auth=AsyncAuth(Threaded(store, quick=True)), **options)


class Down(MemoryStore):
    down = True

    def get(self, *asked: Any, **along: Any) -> Row | None:
        if self.down:
            raise Unavailable
        return super().get(*asked, **along)

    def page(self, query: Query) -> list[Row]:
        if self.down:
            raise Unavailable
        return list(super().page(query))

    def commit(self, *changes: Change) -> tuple[int, ...]:
        if self.down:
            raise Unavailable
        return super().commit(*changes)


def test_R06_when_nobody_can_count_it_is_an_error_and_nothing_passes(name: str, face: str, loop: Loop) -> None:
    store = Down()
    storage, wrapping = over(store, face), over(store, face, wrap_exceptions=True)

    def plain(one: Any) -> Any:
        return one if face == "blocking" else Plainly(one, loop)

    assert not plain(storage).check()
    with pytest.raises(Unavailable):
        plain(strategy(name, storage)).hit(rate("9/minute"), ONE)
    with pytest.raises(StorageError):
        plain(strategy(name, wrapping)).hit(rate("9/minute"), ONE)
    store.down = False
    assert plain(storage).check()
    assert plain(strategy(name, storage)).hit(rate("9/minute"), ONE)
