"""A forked worker works with connections of its own, and its parent's go on as if it had never been."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.storage.conftest import SERVERS

# In a process of their own: a fork of the tests' process would take along all of their threads.
BLOCKING = """
import os, sys
from plexe_auth import Auth

auth = Auth.open(sys.argv[1])
issued = auth.keys.create("acct", name="CI")

def works(times):
    for _ in range(times):
        assert auth.keys.verify(issued.secret.reveal()).id == issued.key.id
        auth.keys.update(issued.key.id, name=str(os.getpid()))
    return True

works(3)
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        os._exit(0 if works(20) else 1)
    children.append(child)
works(20)
assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
works(3)
auth.close()
print("well")
"""
ASYNC = """
import asyncio, os, sys
from plexe_auth import AsyncAuth

auth = AsyncAuth.open(sys.argv[1])
loop = asyncio.new_event_loop()
issued = loop.run_until_complete(auth.keys.create("acct", name="CI"))

async def works(times):
    for _ in range(times):
        found = await asyncio.gather(*(auth.keys.verify(issued.secret.reveal()) for _ in range(3)))
        assert {one.id for one in found} == {issued.key.id}
        await auth.keys.update(issued.key.id, name=str(os.getpid()))
    return True

async def child_works():
    done = await works(20)
    await auth.close()
    return done

loop.run_until_complete(works(3))
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        os._exit(0 if asyncio.run(child_works()) else 1)
    children.append(child)
loop.run_until_complete(works(20))
assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
loop.run_until_complete(works(3))
loop.run_until_complete(auth.close())
loop.close()
print("well")
"""


@pytest.fixture(params=["sqlite", "sqlite-rollback", *SERVERS])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param.startswith("sqlite"):
        return f"sqlite:///{tmp_path}/auth.db" + ("?journal=delete" if request.param.endswith("rollback") else "")
    return request.getfixturevalue("schema")(request.param)


@pytest.mark.parametrize("code", [BLOCKING, ASYNC], ids=["blocking", "async"])
def test_forked_workers_and_their_parent_work_on(url: str, code: str) -> None:
    # Python 3.12 warns of every fork beside a thread, of which the asynchronous SQLite store has some.
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code, url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("well\n", "")


HELD = """
import os, sys
from plexe_auth.storage.opening import open_blocking

store = open_blocking(sys.argv[1], migrate=False)
with store.connections.reading() as of_the_parent:
    pass
child = os.fork()
if child == 0:
    with store.connections.reading() as own:
        os._exit(0 if own is not of_the_parent and not of_the_parent.closed else 1)
assert os.waitpid(child, 0)[1] == 0
with store.connections.reading() as again:
    assert again is of_the_parent
store.close()
print("well")
"""


def test_a_child_neither_uses_nor_closes_what_its_parent_holds(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HELD, f"sqlite:///{tmp_path}/auth.db"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("well\n", "")


MEMORY = """
import os, threading
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.rows import Ensure

store = MemoryStore()
store._lock.acquire()  # as another thread would hold it at the moment of the fork
child = os.fork()
if child == 0:
    nothing = dict.fromkeys(("suspended_at", "suspended_reason", "mfa_required_at"))
    os._exit(store.commit(Ensure("accounts", {"id": "a", **nothing}))[0])
assert os.waitpid(child, 0)[1] == 0
print("well")
"""


def test_a_lock_that_was_held_at_the_fork_is_free_in_the_child() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("well\n", "")
