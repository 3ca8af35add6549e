"""What a storer stores is what the thread would have stored, on every store that others can open, on both faces."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import AsyncAuth, Auth, RevokedKey, Settings
from plexe_auth.bridge import finish
from plexe_auth.rows import Delete, equal
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.opening import open_asynchronous
from tests.conftest import Clock
from tests.faces import Loop, Plainly
from tests.log.lines import verified
from tests.log.storers import storer
from tests.log.test_log import numbers, write
from tests.log.wired import closed
from tests.stores import SHARED

on_every_store = pytest.mark.parametrize("store_url", SHARED, indirect=True)
on_servers = pytest.mark.parametrize("store_url", ["postgresql", "mariadb"], indirect=True)
on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
when_blocking = pytest.mark.parametrize("face", ["blocking"])


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, log_storer="process")


def alone(test: Any) -> Any:
    """What does not depend on face and store is tested on one of each."""
    return on_sqlite(when_blocking(test))


def told(auth: Any, clock: Clock) -> tuple[Any, ...]:
    """Decide this and that, and return all that the log says of it, without what chance has named."""
    issued = auth.keys.create("acct_42", name="CI")
    begun = clock.now
    for _ in range(3):
        auth.keys.verify(issued.secret.reveal(), ip="192.0.2.7")
        clock.advance(timedelta(minutes=40))
    auth.log.flush()
    auth.keys.verify(issued.secret.reveal())
    auth.keys.revoke(issued.key.id)
    with pytest.raises(RevokedKey):
        auth.keys.verify(issued.secret.reveal())
    auth.log.flush()
    entries = [replace(entry, id="", at=entry.at - begun, key_id=None, request_id=None) for entry in auth.log.page()]  # type: ignore[type-var]
    hours = [begun.replace(minute=0, second=0, microsecond=0) + timedelta(hours=hour) for hour in range(5)]
    totals = [auth.usage.totals("acct_42", since, until) for since, until in pairwise(hours)]
    counted = [(total.allowed, total.denied) for each in totals for total in each]
    return entries, counted, auth.keys.get(issued.key.id).last_used_at - begun


@on_every_store
def test_entries_usage_and_last_use_are_those_of_the_thread(auth: Any, clock: Clock, opened: Any) -> None:
    by_storer = told(auth, clock)
    assert storer(auth) is not None
    assert auth.log.verify().ok
    clock.now = Clock().now
    assert by_storer == told(opened("blocking", "memory://", clock=clock), clock)


@on_every_store
def test_many_lines_are_stored_once_in_many_commits_and_segments(auth: Any) -> None:
    for start in range(0, 9000, 3000):
        write(auth, *(verified(number, user_agent="x" * 400) for number in range(start, start + 3000)))
        auth.log.flush()
    found = auth.log.verify()
    assert (found.ok, found.entries, auth.log.waiting) == (True, 9000, 0)
    assert numbers(auth.log.page(limit=3)) == ["8999", "8998", "8997"]
    assert storer(auth) is not None


@on_servers
def test_where_no_driver_blocks_the_storer_has_a_loop_of_its_own(
    store_url: str, settings: Settings, loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pymysql.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(tmp_path)  # where the storer looks first, too
    store: Any = open_asynchronous(store_url, migrate=False)
    store.blocking = None
    auth = Plainly(AsyncAuth(store, settings=settings), loop)
    write(auth, verified(1), verified(2))
    assert numbers(auth.log.page()) == ["2", "1"]
    assert storer(auth) is not None
    loop.run(auth.awaited.close())


@alone
def test_a_line_that_cannot_be_read_and_one_that_is_longer_than_a_commit_hold_nothing_up(auth: Any) -> None:
    write(auth, "nonsense", verified(1, path="p" * 300_000), verified(2), verified(3))
    auth.log.flush()
    assert numbers(auth.log.page(action="key.verify")) == ["3", "2", "1"]
    assert len(auth.log.page(action="log.unreadable").items) == 1
    assert (auth.log.verify().ok, storer(auth) is None) == (True, False)


@alone
def test_what_a_storer_has_to_log_is_logged_by_its_parent(auth: Any, caplog: pytest.LogCaptureFixture) -> None:
    write(auth, verified(1))
    auth.log.flush()
    writer = auth.world.journal._spool.writer
    finish(auth.world.store.commit(Delete("writers", (equal("id", writer),))))
    write(auth, verified(2))
    auth.log.flush()
    assert f"the access log goes on where a chain was removed: {writer}" in caplog.messages
    assert storer(auth) is not None


@alone
def test_who_listens_hears_what_is_decided_and_the_rest_is_still_stored_by_the_storer(auth: Any) -> None:
    heard: list[str] = []
    write(auth, verified(1))
    auth.log.flush()
    auth.on("key.verify", lambda entry: heard.append(entry.request_id))
    write(auth, verified(2))
    auth.log.flush()
    assert heard == ["2"]
    assert numbers(auth.log.page()) == ["2", "1"]
    assert auth.log.verify().ok


@alone
@pytest.mark.parametrize("event", ["*", "log.unreadable"])
def test_who_may_have_to_be_told_of_anything_keeps_the_thread_at_work(auth: Any, event: str) -> None:
    heard: list[str] = []
    auth.on(event, lambda entry: heard.append(entry.action))
    write(auth, verified(1), "nonsense")
    auth.log.flush()
    assert heard == (["key.verify", "log.unreadable"] if event == "*" else ["log.unreadable"])
    assert storer(auth) is None


@alone
def test_a_listener_to_other_actions_leaves_verifications_to_the_storer_and_hears_what_was_refused(auth: Any) -> None:
    heard: list[tuple[str, str]] = []
    auth.on("key.revoke", lambda entry: heard.append((entry.outcome, entry.key_id)))
    issued = auth.keys.create("acct_42", name="CI")
    auth.keys.verify(issued.secret.reveal())
    auth.log.flush()
    assert storer(auth) is not None
    for _ in range(2):
        auth.keys.revoke(issued.key.id)  # the second time changes nothing, and is told by the spool
    auth.log.flush()
    assert len(heard) == len(auth.log.page(action="key.revoke").items) == 2


@pytest.fixture
def begun() -> Iterator[Callable[..., Any]]:
    made: list[Any] = []

    def begin(auth: Any) -> Any:
        made.append(auth)
        return auth

    yield begin
    for auth in made:
        closed(auth)
        auth.close()


class Own:
    """A store by other hands, which does not tell how another process opens it."""

    def __init__(self) -> None:
        store = MemoryStore()
        self.get, self.page, self.commit, self.spend, self.close = (
            store.get,
            store.page,
            store.commit,
            store.spend,
            store.close,
        )


@pytest.mark.parametrize("url", ["memory://", "sqlite://", "sqlite:///file:{}/auth.db?uri=true", None])
def test_what_nobody_else_can_open_is_stored_by_the_thread(
    url: str | None, begun: Any, settings: Settings, tmp_path: Path
) -> None:
    auth = Auth(Own(), settings=settings) if url is None else Auth.open(url.format(tmp_path), settings=settings)
    write(begun(auth), verified(1))
    assert numbers(auth.log.page()) == ["1"]
    assert auth.world.journal._stores is auth.world.journal._storing


@alone
def test_nothing_is_started_before_there_is_something_to_store(auth: Any) -> None:
    assert storer(auth) is None
    assert auth.log.page().items == ()
    auth.log.flush()
    assert storer(auth) is None
    write(auth, verified(1))
    auth.log.flush()
    assert storer(auth) is not None
