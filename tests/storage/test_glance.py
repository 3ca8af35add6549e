"""A glance at a SQLite file differs as soon as anybody's commit has returned, costs no lock and takes none away."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import Auth
from plexe_auth.storage.sql import wal_index

DMS = 128  # the byte of the index that every connection has locked, so that nobody begins it anew
LOCKED = """
import fcntl, sys
with open(sys.argv[1], "r+b") as index:
    try:
        fcntl.lockf(index, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, int(sys.argv[2]))
    except OSError:
        print("locked")
"""


@pytest.fixture(params=["header", "pragma", "rollback"])
def url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A database, one for each way to glance at it: as many indexes are read as may be, or one more."""
    monkeypatch.setattr(wal_index, "_MOST", len(wal_index._kept) + (request.param == "header"))
    return f"sqlite:///{tmp_path / 'auth.db'}" + ("?journal=delete" if request.param == "rollback" else "")


@pytest.fixture
def auth(url: str) -> Iterator[Auth]:
    with Auth.open(url) as auth:
        yield auth


def glance(auth: Auth) -> object:
    store: Any = auth.world.store
    found: Callable[[], object] = store.glance
    return found()


def commit(folder: Path, number: int) -> None:
    with closing(sqlite3.connect(folder / "auth.db")) as connection, connection:
        connection.execute("INSERT INTO plexe_auth_accounts (id) VALUES (?)", (f"acct_{number}",))


def test_it_differs_after_a_commit_and_only_then(auth: Auth, tmp_path: Path) -> None:
    seen = [glance(auth)]
    for number in range(20):
        assert auth.keys.page("nobody").items == ()
        assert glance(auth) == seen[-1]
        commit(tmp_path, number)
        assert glance(auth) not in seen
        seen.append(glance(auth))
    auth.keys.create("acct_1", name="CI")
    assert glance(auth) not in seen


def test_it_differs_after_the_commit_of_another_process(auth: Auth, url: str) -> None:
    seen = glance(auth)
    made = "import sys; from plexe_auth import Auth; Auth.open(sys.argv[1]).keys.create('acct_1', name='CI')"
    subprocess.run([sys.executable, "-c", made, url], check=True, timeout=60)
    assert glance(auth) not in (seen, None)


def test_an_index_that_is_written_anew_shows(auth: Auth, tmp_path: Path) -> None:
    auth.keys.create("acct_1", name="CI")
    seen = glance(auth)
    with closing(sqlite3.connect(tmp_path / "auth.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    commit(tmp_path, 1)
    assert glance(auth) not in (seen, None)


def test_each_index_is_kept_once_and_no_more_than_so_many(url: str) -> None:
    before = len(wal_index._kept)
    with Auth.open(url) as auth:
        for _ in range(3):
            with Auth.open(url) as other:
                assert glance(auth) == glance(other) or not isinstance(glance(auth), bytes)
    assert len(wal_index._kept) <= min(before + 1, wal_index._MOST)


def test_a_header_is_read_where_there_is_one(auth: Auth, request: pytest.FixtureRequest) -> None:
    assert isinstance(glance(auth), bytes) == ("[header]" in request.node.name)


def test_what_is_closed_takes_no_lock_of_the_file_away(auth: Auth, url: str, tmp_path: Path) -> None:
    glance(auth)
    for _ in range(3):
        with Auth.open(url) as other:
            glance(other)
    index = tmp_path / "auth.db-shm"
    if index.exists():
        told = subprocess.run([sys.executable, "-c", LOCKED, str(index), str(DMS)], capture_output=True, check=True)
        assert told.stdout == b"locked\n"


def test_a_forked_child_sees_what_its_parent_commits(auth: Auth, tmp_path: Path) -> None:
    glance(auth)
    (asking, answering), (telling, told) = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        try:
            seen = glance(auth)
            os.write(answering, b"!")
            os.read(telling, 1)
            os._exit(0 if glance(auth) not in (seen, None) else 1)
        finally:
            os._exit(2)
    os.read(asking, 1)
    commit(tmp_path, 1)
    os.write(told, b"!")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    for descriptor in (asking, answering, telling, told):
        os.close(descriptor)
