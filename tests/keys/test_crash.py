"""Wherever a rotation breaks off, the old key or both are good: never none; and no failure is called a success."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import Unavailable
from tests.conftest import Clock
from tests.keys.watch import Watch
from tests.stores import SHARED

HOUR = timedelta(hours=1)
LAST = 2  # with `by`, a rotation looks at the principal, looks at the key, and commits


@pytest.mark.parametrize("when", ["before", "after"])
def test_K21_a_rotation_that_breaks_off_leaves_the_old_key_or_both(
    auth: Any, clock: Clock, watched: Callable[[Any], Watch], when: Any
) -> None:
    manager = auth.keys.create("acct", name="manager", permissions="*:*")
    by = auth.keys.verify(manager.secret.reveal())
    watch = watched(auth)
    for call in range(LAST + 1):
        old = auth.keys.create("acct", name="CI")
        watch.fail(call=call, when=when)
        with pytest.raises(Unavailable):
            auth.keys.rotate(old.key.id, overlap=HOUR, by=by)
        watch.relent()
        held(auth, clock, old, committed=(call, when) == (LAST, "after"))


def held(auth: Any, clock: Clock, old: Any, *, committed: bool) -> None:
    """Hold what is left of a rotation against the law, now and after the overlap."""
    key = auth.keys.get(old.key.id)
    assert auth.keys.verify(old.secret.reveal()).id == key.id
    assert (key.rotated_to is not None) == committed
    if committed:
        assert auth.keys.get(key.rotated_to).status(clock.now) == "active"
        assert key.retires_at == clock.now + HOUR
    else:
        assert auth.keys.rotate(key.id).key.family == key.family


def test_K21_a_rotation_that_nothing_befell_makes_so_many_calls(quick: Any, watched: Callable[[Any], Watch]) -> None:
    by = quick.keys.verify(quick.keys.create("acct", name="manager", permissions="*:*").secret.reveal())
    watch = watched(quick)
    quick.keys.rotate(by.id, by=by)
    assert len(watch.asked) == LAST + 1


KILLED = """
import os, sys
from plexe_auth import Auth
from plexe_auth.storage.sql.store import SQLStore

url, key_id, after = sys.argv[1], sys.argv[2], int(sys.argv[3])
real, made = SQLStore._make, []

def make(store, connection, change):
    count = real(store, connection, change)
    made.append(change)
    if len(made) == after:
        os.kill(os.getpid(), 9)
    return count

SQLStore._make = make
Auth.open(url).keys.rotate(key_id)
"""


@pytest.mark.parametrize("store_url", SHARED, indirect=True)
def test_K21_a_process_killed_amid_a_rotation_leaves_the_old_key_as_it_was(store_url: str, opened: Any) -> None:
    auth = opened("blocking", store_url)
    old = auth.keys.create("acct", name="CI")
    for after in (1, 2):
        child = subprocess.run([sys.executable, "-c", KILLED, store_url, old.key.id, str(after)], check=False)
        assert child.returncode == -9
        assert auth.keys.page("acct").items == (old.key,)
    assert auth.keys.verify(old.secret.reveal()).id == old.key.id
    assert auth.keys.rotate(old.key.id).key.status(auth.world.now()) == "active"
