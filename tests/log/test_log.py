"""Every decision is one entry, stored once, and found again by whom, what and when."""

from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import InvalidRequest
from tests.conftest import Clock
from tests.log.lines import AT, verified


def write(auth: Any, *lines: str) -> None:
    for line in lines:
        auth.world.journal.append(line)


def numbers(page: Any) -> list[str]:
    return [entry.request_id for entry in page.items]


def test_H13_each_decision_is_one_entry_with_all_that_was_known(auth: Any, clock: Clock) -> None:
    write(auth, verified(1, outcome="denied", user_agent="curl/8", method="GET", path="/models"), verified(2))
    second, first = auth.log.page().items
    assert (first.at, first.action, first.outcome, first.code) == (clock.now, "key.verify", "denied", "revoked_key")
    assert (first.account_id, first.key_id, first.ip, first.user_agent) == ("acct", "key_one", "192.0.2.7", "curl/8")
    assert (first.method, first.path, first.request_id, first.detail) == ("GET", "/models", "1", None)
    assert (first.user_id, first.session_id) == (None, None)
    assert (second.outcome, second.code, second.request_id) == ("allowed", None, "2")
    assert auth.log.verify().ok


def test_pages_fit_together_whatever_is_written_meanwhile(auth: Any) -> None:
    write(auth, *(verified(number, at=AT + number // 2) for number in range(7)))
    seen, after, written = [], None, 7
    while True:
        page = auth.log.page(after=after, limit=2)
        seen += numbers(page)
        after = page.next
        if after is None:
            break
        write(auth, verified(written, at=AT + written))
        written += 1
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]


def test_H14_what_is_asked_for_narrows_the_list_and_nobody_elses_is_in_it(auth: Any, clock: Clock) -> None:
    write(auth, verified(1), verified(2, account="other"), verified(3, key="key_two", at=AT + 1_000_000))
    write(auth, verified(4, outcome="denied", at=AT + 2_000_000, user_id="user_one"))
    pages = {
        ("4", "3", "1"): {"account_id": "acct"},
        ("2",): {"account_id": "other"},
        ("4", "2", "1"): {"key_id": "key_one"},
        ("4",): {"user_id": "user_one", "account_id": "acct"},
        ("3", "2", "1"): {"outcome": "allowed"},
        ("4", "3", "2", "1"): {"action": "key.verify"},
        ("3", "1"): {"account_id": "acct", "action": "key.verify", "outcome": "allowed"},
        ("4", "3"): {"since": clock.now + timedelta(seconds=1)},
        ("2", "1"): {"until": clock.now + timedelta(seconds=1)},
        (): {"account_id": "nobody"},
    }
    for expected, asked in pages.items():
        assert tuple(numbers(auth.log.page(**asked))) == expected


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"limit": 1001}, "limit"),
        ({"limit": 0}, "limit"),
        ({"action": "key.nonsense"}, "action"),
        ({"outcome": "maybe"}, "outcome"),
        ({"after": "yesterday"}, "after"),
        ({"after": f"1.{1 << 63}"}, "after"),
        ({"account_id": 42}, "account_id"),
        ({"since": "today"}, "since"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(opened: Any, asked: Any, field: str) -> None:
    from tests.log.wired import closed, wired

    auth = wired(opened("blocking", "memory://"))
    with pytest.raises(InvalidRequest) as refused:
        auth.log.page(**asked)
    assert refused.value.field == field
    closed(auth)


def test_whoever_does_not_wait_is_told_what_is_stored_so_far(auth: Any, clock: Clock, monkeypatch: Any) -> None:
    monkeypatch.setattr("plexe_auth.journal.background.SOON", 3600.0)
    write(auth, verified(1))
    assert numbers(auth.log.page()) == ["1"]
    write(auth, verified(2))
    span = clock.now - timedelta(hours=1), clock.now + timedelta(hours=1)
    assert numbers(auth.log.page(fresh=False)) == ["1"]
    assert [one.allowed for one in auth.usage.totals("acct", *span, fresh=False)] == [1]
    assert numbers(auth.log.page()) == ["2", "1"]
    assert [one.allowed for one in auth.usage.totals("acct", *span, fresh=False)] == [2]
