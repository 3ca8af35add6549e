"""A storer is a quiet child: it knows no more than it has to, shows nothing, minds no signal, and leaves no trace."""

import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from plexe_auth import Settings
from plexe_auth.journal.child import Child
from plexe_auth.journal.journal import Journal
from plexe_auth.journal.question import Opening, Question
from plexe_auth.secret import Secret
from plexe_auth.storage.colour import Settled
from plexe_auth.storage.opening import open_blocking
from plexe_auth.storage.sql.again import again
from plexe_auth.storage.sql.url import resolve
from tests.log.lines import verified
from tests.log.storers import PATIENCE, at_once, has_gone, is_there, shown, storer, watched
from tests.log.test_log import numbers, write
from tests.log.wired import closed, opened
from tests.stores import SHARED, sqlite_url

ROOT = Path(__file__).parents[2]
CANARY = "canary-of-a-password"

on_every_store = pytest.mark.parametrize("store_url", SHARED, indirect=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, log_storer="process")


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    return sqlite_url(sqlite_template, tmp_path, rollback=False)


@pytest.fixture
def one(url: str, settings: Settings) -> Iterator[Any]:
    auth = opened(url, settings=settings)
    yield auth
    closed(auth)
    auth.close()


@on_every_store
def test_H12_no_url_and_no_password_shows_in_what_the_system_tells_of_a_storer(
    store_url: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    url = with_password(sa.make_url(store_url))
    auth = opened(url.render_as_string(hide_password=False), settings=settings)
    write(auth, verified(1))
    auth.log.flush()
    pid = storer(auth)
    assert pid is not None
    elsewhere: Any = auth.world.journal._stores
    told = f"{vars(elsewhere)} {vars(elsewhere._child)} {vars(auth.world.store)} {caplog.text}"
    assert "plexe_auth.journal.storer" in shown(pid)
    assert [one for one in secrets(url) if one in told + shown(pid)] == []
    assert str(url.database) not in shown(pid).replace("plexe_auth.journal.storer", "")
    closed(auth)
    auth.close()


def with_password(url: sa.URL) -> sa.URL:
    """Return a URL that has a password, where a server could ask for one."""
    if url.get_backend_name() == "sqlite":
        return url
    if url.get_backend_name() == "mariadb":
        engine = sa.create_engine(resolve(url.render_as_string(hide_password=False), blocking=True))
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE OR REPLACE USER canary@127.0.0.1 IDENTIFIED BY '{CANARY}'")
            connection.exec_driver_sql(f"GRANT ALL ON {url.database}.* TO canary@127.0.0.1")
        engine.dispose()
        url = url.set(username="canary")
    return url.set(password=CANARY)


def secrets(url: sa.URL) -> list[str]:
    return [str(url.password)] if url.password else [url.render_as_string()]


def test_H12_the_question_that_holds_the_url_shows_nothing() -> None:
    opening = Opening(Secret(f"postgresql://somebody:{CANARY}@host/auth"), on_a_loop=False)
    assert CANARY in opening.line().decode()
    assert CANARY not in repr(opening)


@on_every_store
def test_closing_leaves_no_child_and_no_thread_and_it_may_begin_again(auth: Any) -> None:
    before = set(threading.enumerate())
    for number in range(2):
        write(auth, verified(number))
        auth.log.flush()
        pid = storer(auth)
        assert pid is not None
        closed(auth)
        assert (is_there(pid), storer(auth)) == (False, None)
        assert [thread.name for thread in set(threading.enumerate()) - before if "journal" in thread.name] == []
    gc.collect()  # what was not closed would be told now, and a warning is an error
    assert sorted(numbers(auth.log.page())) == ["0", "1"]


def test_a_storer_that_has_gone_by_itself_is_no_trouble_when_all_is_closed(one: Any) -> None:
    write(one, verified(1))
    one.log.flush()
    pid = storer(one)
    assert pid is not None
    with watched(pid) as descriptor:
        os.kill(pid, signal.SIGKILL)
        assert has_gone(descriptor)
    closed(one)
    assert not is_there(pid)


def test_who_forgets_to_close_leaves_no_storer_behind(url: str, settings: Settings) -> None:
    store = open_blocking(url, migrate=False)
    journal = Journal(Settled(store), settings, is_async=False)
    journal.append(verified(1))
    child: Any = vars(journal._stores)["_child"]
    journal._started().ask().result(PATIENCE)
    thread, pid = journal._started()._thread, child.pid
    del journal
    gc.collect()
    thread.join(PATIENCE)
    assert (thread.is_alive(), child.pid, is_there(pid)) == (False, None, False)
    store.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_storer_minds_no_signal_that_is_meant_for_its_parent(one: Any, number: signal.Signals) -> None:
    write(one, verified(1))
    one.log.flush()
    pid = storer(one)
    assert pid is not None
    os.kill(pid, number)
    write(one, verified(2))
    assert numbers(one.log.page()) == ["2", "1"]
    assert storer(one) == pid


def test_a_storer_yields_to_whoever_answers_requests(one: Any) -> None:
    write(one, verified(1))
    one.log.flush()
    pid = storer(one)
    assert pid is not None
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + 5, 19)
    assert (os.getsid(pid), os.getpgid(pid)) == (os.getsid(0), pid)  # weighed against us, and no Ctrl-C of ours


def in_a_child(code: str, *args: str) -> str:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code, *args]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE, start_new_session=True
    )
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


CTRL_C = """
import os, signal, sys
from plexe_auth import Settings
from tests.log.lines import verified
from tests.log.storers import storer
from tests.log.wired import opened

heard = []
signal.signal(signal.SIGINT, lambda *_: heard.append("Ctrl-C"))
auth = opened(sys.argv[1], settings=Settings(log_storer="process"))
auth.world.journal.append(verified(0))
auth.log.flush()
before = storer(auth)
os.killpg(0, signal.SIGINT)
auth.world.journal.append(verified(1))
auth.log.flush()
print(*heard, before == storer(auth) == os.getpgid(storer(auth)), auth.log.verify().entries)
auth.close()
"""


def test_ctrl_c_at_the_terminal_is_for_the_parent_alone(url: str) -> None:
    assert in_a_child(CTRL_C, url) == "Ctrl-C True 2\n"


FORKS = """
import os, sys
from plexe_auth import Settings
from tests.log.lines import verified
from tests.log.storers import has_gone, storer, watched
from tests.log.wired import opened

auth = opened(sys.argv[1], settings=Settings(log_storer="process"))
auth.world.journal.append(verified(0))
auth.log.flush()
parents = storer(auth)
reading, writing = os.pipe()
children = []
for number in range(1, 4):
    child = os.fork()
    if child == 0:
        assert storer(auth) is None
        auth.world.journal.append(verified(number))
        if number == 1:
            os._exit(0)  # without storing it
        auth.log.flush()
        assert storer(auth) not in (None, parents)
        os.write(writing, f"{storer(auth)}\\n".encode())
        if number == 2:
            auth.close()
        os._exit(0)  # number 3 without closing
    children.append(child)
assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
for pid in os.read(reading, 100).split():
    try:
        with watched(int(pid)) as descriptor:
            assert has_gone(descriptor)
    except ProcessLookupError:
        pass  # long ago
auth.world.journal.append(verified(9))
auth.log.flush()
assert storer(auth) == parents
found = auth.log.verify()
print(found.ok, *sorted(entry.request_id for entry in auth.log.page().items))
auth.close()
"""


@on_every_store
def test_a_forked_worker_has_a_storer_of_its_own_and_the_parents_goes_on(store_url: str) -> None:
    assert in_a_child(FORKS, store_url) == "True 0 1 2 3 9\n"


def test_in_a_forked_child_the_parents_storer_is_let_go_of_and_not_ended(url: str, tmp_path: Path) -> None:
    (tmp_path / "lines").write_bytes(b"")
    child = Child(Opening(Secret(url), on_a_loop=False))
    question = Question("writer", 0, str(tmp_path / "lines"), 0, 0)
    child.ask(question)
    process, (ours,) = child._process, child._sockets[:1]
    assert process is not None
    copy = ours.dup()
    with watched(process.pid) as descriptor:
        child.forget()
        assert (child.pid, ours.fileno(), is_there(process.pid)) == (None, -1, True)
        copy.close()  # the parent's end
        assert has_gone(descriptor)
    os.waitpid(process.pid, 0)


@pytest.mark.parametrize(
    ("url", "opened_again"),
    [
        ("sqlite:////var/auth.db?journal=delete", "sqlite:////var/auth.db?journal=delete"),
        ("sqlite:////var/../auth.db", "sqlite:////auth.db"),
        ("sqlite:////var/a%20b%3F#é.db", "sqlite:////var/a b%3F%23%C3%A9.db"),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:///file:auth.db?uri=true", None),
        (
            "postgresql+psycopg://me:p%40ss%2Fword@host:7/auth?sslmode=require",
            "postgresql://me:p%40ss%2Fword@host:7/auth?sslmode=require",
        ),
    ],
)
def test_another_process_opens_the_same_database_or_is_told_that_it_cannot(url: str, opened_again: str | None) -> None:
    found = again(resolve(url, blocking=True))
    assert (found and found.reveal()) == opened_again


def test_a_path_that_no_url_can_hold_is_for_nobody_else() -> None:
    assert again(sa.URL.create("sqlite+pysqlite", database="/var/\udcff.db")) is None


@pytest.mark.parametrize("driver", ["psycopg", "pymysql", "asyncmy"])
def test_a_driver_plays_no_part(driver: str) -> None:
    backend = "postgresql" if driver == "psycopg" else "mariadb"
    found = again(sa.make_url(f"{backend}+{driver}://me:secret@host/auth"))
    assert found is not None
    assert found.reveal() == f"{backend}://me:secret@host/auth"


def test_a_relative_path_is_the_one_that_it_was_when_the_store_was_opened(
    tmp_path: Path, sqlite_template: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_url(sqlite_template, tmp_path, rollback=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    auth = opened("sqlite:///auth.db", settings=settings)
    auth.log.page()
    at_once(auth)
    monkeypatch.chdir(tmp_path / "elsewhere")
    write(auth, verified(1))
    auth.log.flush()
    assert storer(auth) is not None
    monkeypatch.chdir(tmp_path)
    assert numbers(auth.log.page()) == ["1"]
    assert not (tmp_path / "elsewhere" / "auth.db").exists()
    closed(auth)
    auth.close()
