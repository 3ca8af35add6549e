"""A storer that dies, or does not begin, or talks nonsense, loses nothing and doubles nothing: a thread goes on."""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import Settings, Unavailable
from plexe_auth.journal.child import Child, Gone
from plexe_auth.journal.question import Answer, Opening, Question
from plexe_auth.journal.storer import Gathered, Storer
from plexe_auth.secret import Secret
from tests.log.lines import verified
from tests.log.storers import PATIENCE, at_once, has_gone, is_there, storer, watched
from tests.log.test_log import numbers, write
from tests.log.wired import closed, opened
from tests.stores import SHARED, sqlite_url

ROOT = Path(__file__).parents[2]
DAY = (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC))
GONE = "the access log is stored by a thread for at least"
QUESTION = Question("writer", 0, "/nowhere", 0, 1)

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
def test_H08_storers_that_are_killed_amid_a_load_lose_nothing_and_double_nothing(auth: Any) -> None:
    chance, written, kills = random.Random(), 0, 0
    for _ in range(8):
        write(auth, *(verified(number) for number in range(written, written + 2500)))
        written += 2500
        at_once(auth)
        flushing = threading.Thread(target=auth.log.flush)
        flushing.start()
        flushing.join(chance.uniform(0, 0.8))  # a random moment, as a storer lives about that long
        if (pid := storer(auth)) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                kills += 1
        flushing.join()
    auth.log.flush()
    assert kills
    found = auth.log.verify()
    assert (found.ok, found.entries, auth.log.waiting) == (True, written, 0)
    (key,) = auth.usage.totals("acct", *DAY)
    assert key.allowed == written


class Unheard:
    """A storer that stores what it is asked to, and is gone before anybody has heard of it."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.pid = None

    def ask(self, question: Question) -> Answer:
        assert self.child.ask(question).stored
        raise Gone("unheard")

    def kill(self) -> None:
        self.child.kill()


def test_H08_what_a_storer_has_stored_without_saying_so_is_not_stored_again(one: Any) -> None:
    elsewhere: Any = one.world.journal._stores
    child = elsewhere._child
    write(one, *(verified(number) for number in range(2500)))
    one.log.flush()
    elsewhere._child = Unheard(child)
    write(one, *(verified(number) for number in range(2500, 5000)))
    one.log.flush()
    elsewhere._child = child
    found = one.log.verify()
    assert (found.ok, found.entries) == (True, 5000)


DIES = """
import os, signal, sys
from plexe_auth import Settings
from tests.log.lines import verified
from tests.log.storers import storer
from tests.log.wired import opened

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
auth = opened(sys.argv[1], settings=Settings(spool_dir=sys.argv[2], log_storer="process"))
for number in range(1000):
    auth.world.journal.append(verified(number))
auth.log.flush()
if sys.argv[3] == "forks" and os.fork() == 0:
    sys.stdin.read()  # a worker that lives on
    os._exit(0)
print(storer(auth), flush=True)
signal.sigwait({signal.SIGUSR1})
for number in range(1000, 3500):
    auth.world.journal.append(verified(number))
os.kill(os.getpid(), signal.SIGKILL)
"""


@on_every_store
@pytest.mark.parametrize("forks", ["alone", "forks"])
def test_H08_a_parent_that_is_killed_takes_its_storer_along_and_the_next_has_everything(
    store_url: str, settings: Settings, forks: str
) -> None:
    arguments = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", DIES]
    command = [*arguments, store_url, str(settings.spool_dir), forks]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        with watched(int(parent.stdout.readline())) as descriptor:
            parent.send_signal(signal.SIGUSR1)
            assert parent.wait(PATIENCE) == -signal.SIGKILL
            assert has_gone(descriptor)  # while the forked worker, if there is one, lives on
    auth = opened(store_url, settings=settings)
    auth.log.flush()
    found = auth.log.verify()
    assert (found.ok, found.entries) == (True, 3500)
    closed(auth)
    auth.close()


def program(tmp_path: Path, text: str) -> str:
    """Return the path of a program that is no Python."""
    file = tmp_path / "program"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o700)
    return str(file)


def says(line: str) -> str:
    return f"read opening; while read question; do echo '{line}'; done"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "FileNotFoundError"),
        ("exit 7", "exit status 7"),
        ("exec cat", "JSONDecodeError"),
        (says("[0]"), "ValueError"),
        (says("[1, null, [7]]"), "TypeError"),
        (says("[0, null, []]"), "it has read other lines"),
        (says('[0, "the driver is not installed", []]'), "the driver is not installed"),
    ],
)
def test_a_storer_that_does_not_begin_or_talks_nonsense_is_told_once_and_a_thread_stores(
    one: Any,
    text: str | None,
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(tmp_path / "nobody") if text is None else program(tmp_path, text))
        for number in range(3):
            write(one, verified(number))
            one.log.flush()
    (told,) = (message for message in caplog.messages if message.startswith(GONE))
    assert told == f"{GONE} 2 s, for its storer is gone: {why}"
    assert (numbers(one.log.page()), storer(one)) == (["2", "1", "0"], None)
    at_once(one)
    write(one, verified(3))
    one.log.flush()
    assert (numbers(one.log.page()), storer(one) is None) == (["3", "2", "1", "0"], False)


def test_the_pause_before_another_storer_grows_and_is_short_again_after_one_that_lived(
    one: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    elsewhere = one.world.journal._stores
    for number in range(11):
        at_once(one)
        write(one, verified(number))
        one.log.flush()
    elsewhere._begun -= 1000
    elsewhere._give_up(Gone("it lived"))
    pauses = [int(message.split(" s, ")[0].split()[-1]) for message in caplog.messages if message.startswith(GONE)]
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 2]


def test_a_store_that_does_not_answer_the_storer_is_waited_for_and_nothing_is_lost(
    one: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", program(tmp_path, says('[0, "unavailable", []]')))
        write(one, verified(1))
        with pytest.raises(Unavailable):
            one.log.flush()
    assert (one.log.waiting, storer(one) is None) == (1, False)
    one.world.journal._stores._child.kill()
    assert numbers(one.log.page()) == ["1"]


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("postgresql://somebody:canary@127.0.0.1:1/auth", "unavailable"),
        ("sqlite:////nowhere/at/all/auth.db", "sqlite+pysqlite:////nowhere/at/all/auth.db cannot be opened"),
    ],
)
def test_a_storer_says_what_is_in_its_way_and_no_password(url: str, refused: str) -> None:
    with contextlib.ExitStack() as leaving:
        answer = Storer(Opening(Secret(url), on_a_loop=False), Gathered(), leaving).answer(QUESTION)
    assert answer.stored == 0
    assert str(answer.refused).startswith(refused)
    assert "canary" not in repr(answer)


def test_a_child_that_does_not_end_is_made_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", program(tmp_path, says("[1, null, []]") + "; exec sleep 1000"))
    monkeypatch.setattr("plexe_auth.journal.child._PATIENCE", 0.5)
    child = Child(Opening(Secret("memory://"), on_a_loop=False))
    assert child.ask(QUESTION) == Answer(1, None, ())
    pid = child.pid
    assert pid is not None
    child.close()
    assert (child.pid, is_there(pid)) == (None, False)


def test_a_storer_that_does_not_answer_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", program(tmp_path, "exec sleep 1000"))
    monkeypatch.setattr("plexe_auth.journal.child._PATIENCE", 0.1)
    child = Child(Opening(Secret("memory://"), on_a_loop=False))
    with pytest.raises(Gone, match="TimeoutError"):
        child.ask(QUESTION)
    child.kill()
