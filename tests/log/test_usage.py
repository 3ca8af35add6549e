"""Usage is what the log says, added up: each verification of a known key once, by key, hour or day."""

from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import InvalidRequest
from tests.conftest import Clock
from tests.log.lines import AT, verified
from tests.log.test_log import write

HOUR = 3_600_000_000


def test_usage_is_added_up_by_key_hour_and_day(auth: Any, clock: Clock) -> None:
    write(auth, verified(), verified(), verified(outcome="denied"), verified(key="key_two"))
    write(auth, verified(at=AT + HOUR), verified(at=AT + 24 * HOUR), verified(account="other", key="key_other"))
    write(auth, verified(key=None))  # type: ignore[arg-type]  # nobody knows which key it was
    since, until = clock.now, clock.now + timedelta(days=2)

    def told(by: str) -> list[tuple[Any, ...]]:
        return [(one.key_id, one.start, one.allowed, one.denied) for one in auth.usage.totals("acct", since, until, by)]

    noon = clock.now.replace(minute=0, second=0, microsecond=0)
    midnight = noon.replace(hour=0)
    later = timedelta(hours=1), timedelta(days=1)
    assert told("key") == [("key_one", since, 4, 1), ("key_two", since, 1, 0)]
    assert told("hour") == [
        ("key_one", noon, 2, 1),
        ("key_two", noon, 1, 0),
        ("key_one", noon + later[0], 1, 0),
        ("key_one", noon + later[1], 1, 0),
    ]
    assert told("day") == [
        ("key_one", midnight, 3, 1),
        ("key_two", midnight, 1, 0),
        ("key_one", midnight + later[1], 1, 0),
    ]
    assert auth.usage.totals("acct", since - timedelta(days=2), since - timedelta(hours=1)) == []


def test_a_total_says_what_its_key_is_called_by_now(auth: Any, clock: Clock) -> None:
    key = auth.keys.create("acct", name="CI").key
    write(auth, verified(key=key.id), verified(key="key_gone"))
    auth.keys.update(key.id, name="nightly")
    for by in ("key", "hour", "day"):
        totals = auth.usage.totals("acct", clock.now, clock.now + timedelta(days=1), by)
        assert {one.key_id: one.key_name for one in totals} == {key.id: "nightly", "key_gone": None}


def test_a_key_knows_when_it_was_last_let_in(auth: Any, clock: Clock) -> None:
    key = auth.keys.create("acct", name="CI").key
    write(auth, verified(key=key.id, at=AT + HOUR), verified(key=key.id))
    write(auth, verified(key=key.id, outcome="denied", at=AT + 2 * HOUR))
    auth.log.flush()
    assert auth.keys.get(key.id).last_used_at == clock.now + timedelta(hours=1)


def test_usage_is_asked_for_in_no_other_way(opened: Any, clock: Clock) -> None:
    from tests.log.wired import closed, wired

    auth = wired(opened("blocking", "memory://"))
    with pytest.raises(InvalidRequest):
        auth.usage.totals("acct", clock.now, clock.now, by="month")
    closed(auth)
