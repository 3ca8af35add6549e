"""A SQLite file that another process is writing to is waited for, and then it is unavailable; it is never half read."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import Unavailable
from plexe_auth.storage.sql import connections, engine
from plexe_auth.storage.sql.opening import open_blocking

Opener = Callable[..., Any]


@pytest.fixture(params=["", "?journal=delete"], ids=["wal", "rollback"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/auth.db{request.param}"


def locked(folder: Path) -> sqlite3.Connection:
    """Another process's connection, in the middle of writing."""
    other = sqlite3.connect(folder / "auth.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE plexe_auth_keys SET name = 'half done'")
    return other


def test_a_write_waits_until_the_file_is_free(tmp_path: Path, url: str, opened: Opener, face: str) -> None:
    auth = opened(face, url)
    key = auth.keys.create("acct", name="CI").key
    other = locked(tmp_path)
    free = threading.Timer(0.3, other.execute, ["ROLLBACK"])
    free.start()
    assert auth.keys.update(key.id, rate="5/minute").name == "CI"
    free.join()
    other.close()


def test_a_write_that_waits_for_too_long_is_unavailable_and_reads_go_on(
    tmp_path: Path, url: str, opened: Opener, face: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 0.2)
    auth = opened(face, url)
    issued = auth.keys.create("acct", name="CI")
    other = locked(tmp_path)
    with pytest.raises(Unavailable):
        auth.keys.revoke(issued.key.id)
    assert auth.keys.verify(issued.secret.reveal()).id == issued.key.id
    assert auth.keys.get(issued.key.id).name == "CI"
    other.execute("ROLLBACK")
    other.close()
    assert auth.keys.revoke(issued.key.id).revoked_at is not None


def test_a_reader_that_will_not_end_makes_a_commit_unavailable_and_undone(
    tmp_path: Path, opened: Opener, face: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under a rollback journal the last step of a commit needs the file alone."""
    monkeypatch.setattr(engine, "PATIENCE", 0.2)
    auth = opened(face, f"sqlite:///{tmp_path}/auth.db?journal=delete")
    key = auth.keys.create("acct", name="CI").key
    other = sqlite3.connect(tmp_path / "auth.db", isolation_level=None)
    reading = other.execute("SELECT * FROM plexe_auth_keys UNION ALL SELECT * FROM plexe_auth_keys")
    reading.fetchone()
    with pytest.raises(Unavailable):
        auth.keys.revoke(key.id)
    reading.close()
    other.close()
    assert auth.keys.get(key.id).revoked_at is None
    assert auth.keys.revoke(key.id).revoked_at is not None


def test_a_writer_of_this_process_that_will_not_end_is_given_up_on(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.1)
    store: Any = open_blocking(url, migrate=False)
    with store.connections.writing(), pytest.raises(Unavailable):
        store.spend("bucket", 1, 1, 1)
    assert store.spend("bucket", 1, 1, 1).count == 1
    store.close()


def test_a_file_that_another_process_is_still_making_is_waited_for(
    tmp_path: Path, opened: Opener, face: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite itself does not wait where two change the journal's mode at once."""
    monkeypatch.setattr(engine, "PATIENCE", 0)
    other = sqlite3.connect(tmp_path / "auth.db", isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE theirs (id)")
    other.execute("BEGIN EXCLUSIVE")
    free = threading.Timer(0.3, other.execute, ["ROLLBACK"])
    free.start()
    assert opened(face, f"sqlite:///{tmp_path}/auth.db").keys.page("acct").items == ()
    free.join()
    other.close()


def test_a_file_that_is_locked_for_good_is_unavailable_when_it_is_opened(
    tmp_path: Path, url: str, opened: Opener, face: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened("blocking", f"sqlite:///{tmp_path}/auth.db?journal=delete").close()
    monkeypatch.setattr(engine, "PATIENCE", 0.1)
    monkeypatch.setattr("plexe_auth.storage.sql.opening.PATIENCE", 0.2)
    other = sqlite3.connect(tmp_path / "auth.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable):
        opened(face, url)
    other.close()
    opened(face, url)
