"""What every store must hold: each sentence of `plexe_auth.storage.store.Store` as a test, the races included.

A backend's author subclasses `StoreContract`; the test bodies know nothing of the backend and nothing of its colour.
"""

import pytest

_PARTS = ("samples", "reads", "pages", "commits", "many", "budgets", "exactness", "races", "processes", "sums")
pytest.register_assert_rewrite(*(f"{__name__}.{part}" for part in _PARTS))  # so that a failure shows its values

from plexe_auth.testing.contract.budgets import Budgets  # noqa: E402
from plexe_auth.testing.contract.commits import Commits  # noqa: E402
from plexe_auth.testing.contract.exactness import Exactness  # noqa: E402
from plexe_auth.testing.contract.many import Many  # noqa: E402
from plexe_auth.testing.contract.pages import Pages  # noqa: E402
from plexe_auth.testing.contract.processes import Processes  # noqa: E402
from plexe_auth.testing.contract.races import Races  # noqa: E402
from plexe_auth.testing.contract.reads import Reads  # noqa: E402
from plexe_auth.testing.contract.sums import Adding  # noqa: E402

__all__ = ["StoreContract"]


class StoreContract(Reads, Pages, Commits, Many, Budgets, Exactness, Races, Processes, Adding):
    """The tests that a store must pass. Subclass it, and say how one is opened.

    The store may hold rows of earlier tests; it must have the tables of `plexe_auth.storage.tables`.

    Example:
        >>> from plexe_auth.storage.memory import MemoryStore
        >>> class TestMyStore(StoreContract):
        ...     def open_store(self):
        ...         return MemoryStore()

    An asynchronous store is returned in the same way, also by an ``async def open_store``; it is used on one event
    loop in a thread. If other processes can open the same rows, override `elsewhere` too.
    """
