"""What is decided waits in a file until it is stored, whoever stores it; there is room for so much, and then 503."""

import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import Settings, Unavailable
from plexe_auth.journal.place import spool_folder
from plexe_auth.storage.place import EPHEMERAL, Place
from tests.log.lines import verified
from tests.log.test_log import numbers, write
from tests.log.wired import closed, opened
from tests.stores import sqlite_url

ROOT = Path(__file__).parents[2]
LIMIT = 256 * 1024


@pytest.fixture
def url(sqlite_template: Path, tmp_path: Path) -> str:
    return sqlite_url(sqlite_template, tmp_path, rollback=False)


@pytest.fixture
def begun() -> Iterator[Callable[..., Any]]:
    made: list[Any] = []

    def begin(url: str, **settings: Any) -> Any:
        made.append(opened(url, settings=Settings(**settings)))
        return made[-1]

    yield begin
    for auth in made:
        closed(auth)
        auth.close()


def in_a_child(code: str, *args: str, logs: str = "") -> str:
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code, *args]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == logs
    return done.stdout


DIES = """
import os, sys
from tests.log.lines import verified
from tests.log.wired import opened

auth = opened(sys.argv[1])
for number in range(int(sys.argv[2])):
    auth.world.journal.append(verified(number))
os.kill(os.getpid(), 9)
"""


def test_H08_what_a_killed_process_left_is_stored_by_the_next_that_looks(url: str, begun: Any, tmp_path: Path) -> None:
    in_a_child(DIES, url, "2500")
    files = list((tmp_path / "auth.db-spool").iterdir())
    assert sorted(file.suffix for file in files) == [".lines", ".lock"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "auth.db-spool").stat().st_mode) == 0o700
    auth = begun(url)
    assert numbers(auth.log.page(limit=3)) == ["2499", "2498", "2497"]
    assert (auth.log.verify().ok, auth.log.verify().entries) == (True, 2500)
    assert list((tmp_path / "auth.db-spool").iterdir()) == []


def test_what_a_living_process_has_yet_to_store_is_left_to_it(url: str, begun: Any, tmp_path: Path) -> None:
    one, other = begun(url), begun(url)
    write(one, verified(1))
    other.log.flush()
    assert len(list((tmp_path / "auth.db-spool").glob("*.lines"))) == 1
    assert numbers(one.log.page()) == ["1"]


def test_a_line_that_was_torn_by_death_was_never_answered(url: str, begun: Any, tmp_path: Path) -> None:
    in_a_child(DIES, url, "2")
    (file,) = (tmp_path / "auth.db-spool").glob("*.lines")
    data = file.read_bytes()
    file.write_bytes(data.replace(b"\n", b"\0\0") if data.count(b"\n") == 1 else data[: data.rindex(b"\n")] + bytes(9))
    assert numbers(begun(url).log.page()) == ["0"]


def test_a_line_that_cannot_be_read_is_told_and_holds_nothing_up(begun: Any) -> None:
    auth = begun("memory://")
    for line in ("nonsense", "{}", "[]", '[1,"key.verify"]', '[-1,"a","b"]', '[1,"a",2]', '[1,"a","b",3]', "[1,2,3]"):
        write(auth, line)
    write(auth, verified(1))
    assert [entry.action for entry in auth.log.page().items] == ["key.verify"] + ["log.unreadable"] * 8
    assert auth.log.verify().ok


def test_texts_that_no_store_can_hold_are_kept_as_far_as_they_can_be(auth: Any) -> None:
    write(auth, verified(1, user_agent="a\0b\ud800c" + "x" * 600, path="/" + "é" * 2000, detail="\U0001f511" * 1001))
    (entry,) = auth.log.page().items
    assert (entry.user_agent[:5], len(entry.user_agent)) == ("a\ufffdb?c", 512)
    assert (len(entry.path), len(entry.detail)) == (1024, 1000)
    assert auth.log.verify().ok


class Down:
    """A store that does not answer while it is told not to."""

    def __init__(self, auth: Any) -> None:
        self.there: Any = True
        self._store = auth.world.store
        auth.world.journal._storing._store = self
        self.writes = 0

    async def commit(self, *changes: Any) -> Any:
        self.writes += 1
        done = await self._store.commit(*changes) if self.there != "never" else None
        if not self.there or self.there == "never":
            raise Unavailable  # done all the same, unless "never"
        return done

    async def get(self, *args: Any) -> Any:
        if self.there == "never":
            raise Unavailable
        return await self._store.get(*args)


@pytest.mark.parametrize("how", [False, "never"], ids=["answer lost", "down"])
def test_H07_entries_wait_while_the_store_is_down_and_none_is_stored_twice(begun: Any, how: Any) -> None:
    auth = begun("memory://")
    store = Down(auth)
    write(auth, verified(1))
    auth.log.flush()
    store.there = how
    write(auth, verified(2), verified(3))
    for _ in range(2 if how == "never" else 1):
        with pytest.raises(Unavailable):
            auth.log.flush()
    store.there = True
    write(auth, verified(4))
    assert numbers(auth.log.page()) == ["4", "3", "2", "1"]
    assert auth.log.verify().ok


def test_H08_a_full_spool_refuses_and_has_room_again_after_a_flush(begun: Any, tmp_path: Path) -> None:
    auth = begun("memory://", spool_limit=LIMIT)
    store = Down(auth)
    store.there = "never"
    accepted = filled(auth)
    with pytest.raises(Unavailable):
        write(auth, verified())
    store.there = True
    auth.log.flush()
    write(auth, verified())
    assert auth.log.verify().entries == accepted + 1


def filled(auth: Any) -> int:
    for number in range(LIMIT):
        try:
            write(auth, verified(number))
        except Unavailable:
            assert number > 1000
            return number
    raise AssertionError("there was no limit")


def test_a_host_may_choose_to_serve_what_cannot_be_logged(begun: Any, caplog: pytest.LogCaptureFixture) -> None:
    auth = begun("memory://", spool_limit=LIMIT, log_outage="serve")
    Down(auth).there = "never"
    write(auth, *(verified(number) for number in range(3000)))
    assert auth.world.journal.lost > 0
    assert caplog.text.count("the spool of the access log is full") == 1
    auth.world.journal._storing._store = auth.world.store
    auth.log.flush()
    assert auth.log.verify().entries == 3000 - auth.world.journal.lost


FULL_DISK = """
import resource, sys
from plexe_auth import Settings, Unavailable
from tests.log.lines import verified
from tests.log.wired import closed, opened

auth = opened(sys.argv[1], settings=Settings(spool_dir=sys.argv[2]))
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
try:
    auth.world.journal.append(verified(1))
except Unavailable:
    print("refused")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
auth.world.journal.append(verified(2))
print(auth.log.page().items[0].request_id)
closed(auth)
auth.close()
"""


def test_H08_a_full_disk_refuses_and_is_no_crash(url: str, tmp_path: Path) -> None:
    logs = "the spool of the access log is full\n"
    assert in_a_child(FULL_DISK, url, str(tmp_path / "elsewhere"), logs=logs) == "refused\n2\n"


def test_a_folder_that_cannot_be_made_refuses_but_lets_the_log_be_read(url: str, begun: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    auth = begun(url, spool_dir=str(tmp_path / "file" / "spool"))
    with pytest.raises(Unavailable):
        write(auth, verified())
    assert auth.log.page().items == ()


FORKS = """
import os, sys
from tests.log.lines import verified
from tests.log.wired import closed, opened

auth = opened(sys.argv[1])
auth.world.journal.append(verified(0))
auth.log.flush()
children = []
for number in range(1, 4):
    child = os.fork()
    if child == 0:
        auth.world.journal.append(verified(number))
        if number == 1:
            os._exit(0)  # without storing it
        auth.log.flush()
        os._exit(0)
    children.append(child)
auth.world.journal.append(verified(9))
assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
auth.log.flush()
found = auth.log.verify()
print(found.ok, *sorted(entry.request_id for entry in auth.log.page().items))
closed(auth)
auth.close()
"""


def test_a_forked_worker_has_a_spool_and_a_chain_of_its_own(url: str, tmp_path: Path) -> None:
    assert in_a_child(FORKS, url) == "True 0 1 2 3 9\n"
    assert list((tmp_path / "auth.db-spool").iterdir()) == []


def test_a_closed_journal_has_left_nothing_behind_and_may_begin_again(url: str, begun: Any, tmp_path: Path) -> None:
    auth = begun(url)
    for number in range(2):
        write(auth, verified(number))
        closed(auth)
        assert list((tmp_path / "auth.db-spool").iterdir()) == []
    assert len(auth.log.page().items) == 2


def test_a_spool_lies_where_it_was_asked_for_or_beside_the_database_or_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert spool_folder(None, EPHEMERAL) is spool_folder("/spool", EPHEMERAL) is spool_folder(None, None) is None
    assert spool_folder("/spool", None) == Path("/spool/store")
    assert spool_folder("/spool", Place("name", "/a.db-spool")) == Path("/spool/name")
    assert spool_folder(None, Place("name", "/a.db-spool")) == Path("/a.db-spool")
    assert spool_folder(None, Place("name")) == Path("/state/plexe_auth/spool/name")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert spool_folder(None, Place("name")) == Path("/home/somebody/.local/state/plexe_auth/spool/name")
