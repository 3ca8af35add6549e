"""Every store of ours holds the contract of the waist, in each colour it comes in."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.opening import open_asynchronous, open_blocking
from plexe_auth.storage.threaded import Threaded
from plexe_auth.testing import StoreContract
from tests.stores import sqlite_url


class InOneProcess(StoreContract):
    """A store that no other process can open."""

    test_one_of_two_processes_redeems_a_code_and_both_spend_one_budget = None  # type: ignore[assignment]


class TestMemory(InOneProcess):
    def open_store(self) -> MemoryStore:
        return MemoryStore()


class TestThreadedMemory(InOneProcess):
    def open_store(self) -> Threaded:
        return Threaded(MemoryStore())


class TestSQLiteInMemory(InOneProcess):
    def open_store(self) -> Any:
        return open_blocking("sqlite://", migrate=False)


class Opening(StoreContract):
    """A store at a URL, which other processes can open too."""

    opening: Callable[..., Any]
    url: str

    def open_store(self) -> Any:
        return self.elsewhere()()

    def elsewhere(self) -> Callable[[], Any]:
        return partial(type(self).opening, self.url, migrate=False)


class Blocking(Opening):
    opening = staticmethod(open_blocking)


class Asynchronous(Opening):
    opening = staticmethod(open_asynchronous)
    # Between processes nothing but the database decides, and the blocking stores have shown what it does.
    test_one_of_two_processes_redeems_a_code_and_both_spend_one_budget = None  # type: ignore[assignment]


class SQLite(Opening):
    @pytest.fixture(autouse=True)
    def _place(self, sqlite_template: Path, tmp_path: Path) -> None:
        self.url = sqlite_url(sqlite_template, tmp_path, rollback=False)


class SQLiteRollback(Opening):
    @pytest.fixture(autouse=True)
    def _place(self, sqlite_template: Path, tmp_path: Path) -> None:
        self.url = sqlite_url(sqlite_template, tmp_path, rollback=True)


@pytest.mark.database_server
class PostgreSQL(Opening):
    @pytest.fixture(autouse=True)
    def _place(self, schema: Callable[[str], str]) -> None:
        self.url = schema("postgresql")


@pytest.mark.database_server
class MariaDB(Opening):
    @pytest.fixture(autouse=True)
    def _place(self, schema: Callable[[str], str]) -> None:
        self.url = schema("mariadb")


class TestSQLite(Blocking, SQLite): ...


class TestAsyncSQLite(Asynchronous, SQLite): ...


class TestSQLiteRollback(Blocking, SQLiteRollback): ...


class TestAsyncSQLiteRollback(Asynchronous, SQLiteRollback): ...


class TestPostgreSQL(Blocking, PostgreSQL): ...


class TestAsyncPostgreSQL(Asynchronous, PostgreSQL): ...


class TestMariaDB(Blocking, MariaDB): ...


class TestAsyncMariaDB(Asynchronous, MariaDB): ...
