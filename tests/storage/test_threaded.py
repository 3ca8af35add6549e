"""A blocking store behind an event loop: what is quicker than a thread is done where it is asked for."""

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from plexe_auth.rows import Insert, Query, Row, Sums, Value, above, equal
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.threaded import Threaded


class Watched(MemoryStore):
    """Remembers in which threads it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: list[int] = []

    def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        self.threads.append(threading.get_ident())
        return super().get(table, column, *values, along=along)

    def page(self, query: Query) -> Sequence[Row]:
        self.threads.append(threading.get_ident())
        return super().page(query)


def query(limit: int) -> Query:
    return Query("budgets", (equal("count", 1),), ("bucket",), limit=limit)


@pytest.mark.parametrize(("quick", "limit", "here"), [(True, 51, True), (True, 1000, False), (False, 51, False)])
def test_a_few_rows_of_a_quick_store_are_read_where_they_are_asked_for(quick: bool, limit: int, here: bool) -> None:
    store = Watched()
    store.commit(Insert("budgets", {"bucket": "b", "count": 1, "resets_at": 2}))

    async def asked() -> None:
        threaded = Threaded(store, quick=quick)
        assert [row["bucket"] for row in await threaded.page(query(limit))] == ["b"]
        await threaded.close()

    asyncio.run(asked())
    assert (store.threads == [threading.get_ident()]) is here


class Adding(Watched):
    """Offers sums, and takes as long for them as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.works = 0.0

    def sums(self, _asked: Sums) -> Sequence[Row]:
        self.threads.append(threading.get_ident())
        until = time.thread_time() + self.works
        while time.thread_time() < until:
            pass
        return []


def sums(count: int, bucket: str = "b") -> Sums:
    return Sums("budgets", (equal("bucket", bucket), above("count", count)), "bucket", ("count",))


@pytest.mark.parametrize("quick", [True, False])
def test_sums_are_made_where_they_are_asked_for_once_they_were_quick(quick: bool) -> None:
    store = Adding()

    async def where(threaded: Threaded, asked: Sums, works: float) -> bool:
        store.works = works
        assert threaded.sums is not None
        await threaded.sums(asked)
        return store.threads[-1] == threading.get_ident()

    async def asked() -> None:
        threaded = Threaded(store, quick=quick)
        assert not await where(threaded, sums(1), 0)  # nobody knows how long it takes
        assert await where(threaded, sums(2), 0) is quick
        assert not await where(threaded, sums(3, "another"), 0)
        assert await where(threaded, sums(4), 0.001) is quick
        assert not await where(threaded, sums(5), 0)
        assert await where(threaded, sums(6), 0) is quick
        await threaded.close()

    asyncio.run(asked())


def test_what_is_remembered_of_sums_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plexe_auth.storage.threaded._REMEMBERED", 3)

    async def asked() -> None:
        threaded = Threaded(Adding(), quick=True)
        assert threaded.sums is not None
        for number in range(10):
            await threaded.sums(sums(1, str(number)))
            assert len(threaded._took) <= 3
        await threaded.close()

    asyncio.run(asked())


def test_a_store_without_sums_offers_none() -> None:
    assert Threaded(Watched()).sums is None
