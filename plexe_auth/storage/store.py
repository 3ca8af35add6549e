"""The waist: what a backend must do. It is all that the rest knows of storage, and these docstrings are the contract.

``plexe_auth.testing.StoreContract`` holds every sentence of it against a backend, ours or your own.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from plexe_auth.rows import Change, Query, Row, Spent, Sums, Value

Summing = Callable[[Sums], Sequence[Row]]
AsyncSumming = Callable[[Sums], Awaitable[Sequence[Row]]]


class Store(Protocol):
    """A blocking store. Every verb may be called from many threads at once.

    It may also offer ``glance``, a function without arguments that says within microseconds what the store looks like:
    two equal answers mean that nothing was committed between them, and ``None`` that it cannot tell. Where nobody but
    this object can change a row, ``caches``, a `weakref.WeakSet` for all that remember rows of it. And ``place``, which
    says where the database is (`plexe_auth.storage.place.Place`), with ``again``, a `Secret`: the URL by which another
    process opens the same database. And ``sums``, a verb that takes `plexe_auth.rows.Sums` and returns the rows that
    these say, in any order; where there is none, all rows are read and added up here.

    Every verb raises `plexe_auth.Unavailable` when the backend does not answer; then nothing may be taken for granted
    of what was asked, and no verb ever reports a success that is not durable.
    """

    def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        """Return the row whose `column` (the primary key, or a unique one) holds one of `values`, exactly.

        Where several do, it is the one whose value stands first in `values`. `along` names references of the table:
        for each, the result holds under that name the row that goes with it, or ``None``. All of it is one read, and
        it sees every commit that has returned.
        """
        ...

    def page(self, query: Query) -> Sequence[Row]:
        """Return the rows that match, greatest first, from `query.after` on, no more than `query.limit`."""
        ...

    def commit(self, *changes: Change) -> tuple[int, ...]:
        """Make all changes durable, or none of them.

        Returns for each how many rows an update or delete matched, 1 for an insert and 0 for an ensure.

        Changes are made in order. Nobody sees some of them without the others.

        Raises:
            Conflict: an insert met a taken value, or an update or delete that wants one row did not match exactly one.
                Nothing was changed.
        """
        ...

    def spend(self, bucket: str, limit: int, window: int, now: int) -> Spent:
        """Count one more in `bucket`, in one step, and return what it holds then.

        The first one starts a window of `window` microseconds at `now`; from the end of that window on the
        next one starts another. The count stops at `limit` + 1, so that it says both how much and too much. Nothing
        that was spent in a window is forgotten because somebody asks with a lower limit.
        """
        ...

    def close(self) -> None:
        """Give everything back. Calling it again does nothing."""
        ...


class AsyncStore(Protocol):
    """The same verbs for code that runs on an event loop; `Store` says what each does."""

    async def get(self, table: str, column: str, *values: Value, along: tuple[str, ...] = ()) -> Row | None:
        """See `Store.get`."""
        ...

    async def page(self, query: Query) -> Sequence[Row]:
        """See `Store.page`."""
        ...

    async def commit(self, *changes: Change) -> tuple[int, ...]:
        """See `Store.commit`. Cancelling the caller never leaves half of it done."""
        ...

    async def spend(self, bucket: str, limit: int, window: int, now: int) -> Spent:
        """See `Store.spend`."""
        ...

    async def close(self) -> None:
        """See `Store.close`."""
        ...
