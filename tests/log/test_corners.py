"""What two who keep the log at once, or a chain that is longer than its row says, leave behind."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import Auth, InvalidRequest
from plexe_auth.bridge import finish
from plexe_auth.journal.chain import entry_id, new_writer
from plexe_auth.service.log_links import Links
from tests.conftest import Clock


def written(auth: Any) -> Any:
    """The row of a chain of three entries."""
    key = auth.keys.create("acct_42", name="CI").key
    auth.keys.disable(key.id)
    auth.keys.enable(key.id)
    writers = auth.world.store._store._tables["writers"].values()
    return next(one for one in writers if one["position"] == 3)


def test_an_entry_above_what_its_writer_counted_is_foreign() -> None:
    writer = new_writer()
    links = Links({"id": writer, "anchor": 0, "anchor_head": bytes(32), "position": 1, "head": bytes(32)})
    links.feed({"id": entry_id(writer, 2)})
    assert [(one.writer, one.what) for one in links.broken] == [(writer, "foreign")]


def test_an_entry_that_was_written_meanwhile_is_no_stray() -> None:
    with Auth.open("memory://") as auth:
        writer = written(auth)
        assert finish(auth.log._stray({"id": entry_id(writer["id"], 1)})) == []
        (broken,) = finish(auth.log._stray({"id": entry_id(writer["id"], 99)}))
        assert broken.what == "foreign"


def test_of_two_who_cut_one_chain_the_second_cuts_nothing(clock: Clock) -> None:
    with Auth.open("memory://", clock=clock) as auth:
        writer = written(auth)
        assert auth.log.purge(before=clock.now - timedelta(hours=1)) == 0
        clock.advance(timedelta(hours=1))
        store: Any = auth.world.store
        base = store._store._tables["entries"][entry_id(writer["id"], 2)]
        assert finish(auth.log._removed(writer["id"], 7, base)) == 0
        assert auth.log.purge(before=clock.now) == 3
        assert auth.log.verify().ok
        assert auth.log.page().items == ()


def test_a_host_is_told_of_what_it_asked_for(face: str, opened: Callable[..., Any], tmp_path: Path) -> None:
    auth = opened(face, f"sqlite:///{tmp_path}/auth.db")
    heard: list[str] = []
    auth.on("key.revoke", lambda entry: heard.append(entry.key_id))
    key = auth.keys.create("acct_42", name="CI").key
    auth.keys.revoke(key.id)
    assert heard == [key.id]
    with pytest.raises(InvalidRequest):
        auth.on("key.dance", print)
