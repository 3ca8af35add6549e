"""A change and what the log tells of it are one commit: both, or neither; changes at the same time do not wait."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from plexe_auth import Conflict, InvalidRequest
from plexe_auth.bridge import finish
from plexe_auth.model.note import Note
from plexe_auth.rows import Ensure, Insert
from plexe_auth.service.committing import commit
from tests.conftest import Clock
from tests.faces import Plainly
from tests.keys.watch import Watch
from tests.log.lines import verified
from tests.log.test_log import write
from tests.log.wired import closed, wired

NOTE = Note("account.suspend", "acct", detail="unpaid")


def account(name: str) -> dict[str, Any]:
    return {"id": name, "suspended_at": None, "suspended_reason": None, "mfa_required_at": None}


def told(auth: Any, *changes: Any, notes: Any = (NOTE,)) -> Any:
    making = commit(auth.world, *changes, notes=notes)
    return auth.loop.run(making) if isinstance(auth, Plainly) else finish(making)


def test_H13_a_change_is_told_in_its_own_commit(auth: Any, clock: Clock) -> None:
    watch = Watch(auth)
    assert told(auth, Insert("accounts", account("acct"))) == (1,)
    assert watch.count("commit") == 1
    with pytest.raises(Conflict):
        told(auth, Insert("accounts", account("acct")))
    (entry,) = auth.log.page().items
    assert (entry.at, entry.action, entry.outcome, entry.code) == (clock.now, "account.suspend", "allowed", None)
    assert (entry.account_id, entry.detail) == ("acct", "unpaid")
    assert auth.log.verify().ok


def test_changes_at_the_same_time_each_find_a_chain_of_their_own(auth: Any) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: told(auth, Ensure("accounts", account(str(number)))), range(40)))
    found = auth.log.verify()
    assert (found.ok, found.entries) == (True, 40)


def test_at_one_instant_entries_stand_in_the_order_in_which_they_happened(auth: Any) -> None:
    write(auth, verified(1))
    told(auth, notes=(NOTE, Note("account.resume", "acct")))
    write(auth, verified(2))
    told(auth)
    found = [entry.request_id or entry.action for entry in auth.log.page().items]
    assert found == ["account.suspend", "2", "account.resume", "account.suspend", "1"]


def test_hosts_are_told_of_what_was_stored(auth: Any, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[tuple[str, str]] = []

    def fails(_entry: Any) -> None:
        raise LookupError

    events = auth.world.journal.events
    events.on("account.suspend", fails)
    events.on("account.suspend", lambda entry: heard.append(("one", entry.detail)))
    events.on("*", lambda entry: heard.append(("all", entry.action)))
    told(auth)
    write(auth, verified(1))
    auth.log.flush()
    assert heard == [("one", "unpaid"), ("all", "account.suspend"), ("all", "key.verify")]
    assert "a callback for account.suspend failed" in caplog.text


@pytest.mark.parametrize(("event", "callback"), [("key.nonsense", print), ("*", "print")])
def test_nobody_listens_for_what_never_comes(opened: Any, event: str, callback: Any) -> None:
    auth = wired(opened("blocking", "memory://"))
    with pytest.raises(InvalidRequest):
        auth.world.journal.events.on(event, callback)
    closed(auth)
