"""A blocking store behind an event loop: what is quicker than a thread is done where it is asked for."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from plexe_auth.rows import Insert, Query, Row, Value, equal
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
