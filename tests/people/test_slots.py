"""A few hashes are computed at once, off the loop; who is cancelled, fails or forks holds nobody up, and is silent."""

import asyncio
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import argon2
import argon2.low_level
import pytest

from plexe_auth import ConfigurationError, Unavailable
from plexe_auth.hashing.hasher import Hasher
from plexe_auth.hashing.parameters import FOR_TESTS
from tests.faces import Loop
from tests.ground.test_fresh_interpreter import loaded_by
from tests.keys.frames import held_by, ours
from tests.people.hashers import Plain, blocking
from tests.people.hashes import FOREIGN, OLDER_COST, PASSWORD


class Gate:
    """Stands in Argon2's place and lets a hash go on only when as many are under way as it expects."""

    def __init__(self, together: int) -> None:
        self.barrier = threading.Barrier(together)
        self.inside = self.most = 0
        self.lock = threading.Lock()
        self.threads: set[int] = set()

    def __call__(self, *_args: Any, **_kwargs: Any) -> bytes:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.threads.add(threading.get_ident())
        self.barrier.wait(30)
        with self.lock:
            self.inside -= 1
        return b"$argon2id$"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Gate]:
    def gate_(together: int) -> Gate:
        made = Gate(together)
        monkeypatch.setattr(argon2.low_level, "hash_secret", made)
        return made

    return gate_


def test_no_more_are_computed_at_once_than_there_are_slots_and_no_fewer(
    make: Callable[..., Plain], gate: Callable[[int], Gate]
) -> None:
    hasher, seen = make(parallel=4), gate(4)
    with ThreadPoolExecutor(32) as threads:
        assert len(list(threads.map(hasher.hash, [PASSWORD] * 32))) == 32
    assert seen.most == 4


def test_the_event_loop_goes_on_meanwhile_and_blocking_code_makes_no_thread(
    hasher: Plain, face: str, loop: Loop, gate: Callable[[int], Gate]
) -> None:
    seen = gate(1)
    hasher.hash(PASSWORD)
    if face == "blocking":
        assert seen.threads == {threading.get_ident()}
    else:
        assert len(seen.threads - {loop.run(ident())}) == 1


async def ident() -> int:
    return threading.get_ident()


def test_who_is_cancelled_while_waiting_never_runs_and_takes_no_slot(gate: Callable[[int], Gate]) -> None:
    seen = gate(2)

    async def three() -> None:
        hasher = Hasher(FOR_TESTS, parallel=1, is_async=True)
        first, second, third = (asyncio.create_task(hasher.hash(PASSWORD)) for _ in range(3))
        await asyncio.to_thread(wait_until, lambda: seen.inside == 1)
        second.cancel()
        await asyncio.wait([second])
        await asyncio.to_thread(seen.barrier.wait)
        await asyncio.to_thread(seen.barrier.wait)
        await asyncio.gather(first, third)
        assert second.cancelled()
        await hasher.close()

    asyncio.run(asyncio.wait_for(three(), 30))
    assert seen.barrier.n_waiting == 0


def wait_until(true: Callable[[], bool]) -> None:
    while not true():
        pass


def test_one_that_fails_gives_its_slot_back(make: Callable[..., Plain], monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = make(parallel=1)
    good = argon2.low_level.hash_secret
    monkeypatch.setattr(argon2.low_level, "hash_secret", failing)
    for _ in range(3):
        with pytest.raises(Unavailable):
            hasher.hash(PASSWORD)
    monkeypatch.setattr(argon2.low_level, "hash_secret", good)
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(hasher.hash, PASSWORD).result(30)


def failing(*_args: Any, **_kwargs: Any) -> bytes:
    raise argon2.exceptions.HashingError("Memory allocation error")


@pytest.mark.parametrize("stored", [None, OLDER_COST, FOREIGN["pbkdf2 of Django"]])
def test_H12_no_failure_holds_the_password_or_the_hash_nor_does_a_frame_or_the_log(
    hasher: Plain, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, stored: str | None
) -> None:
    monkeypatch.setattr(argon2.low_level, "hash_secret", failing)
    for ask in (lambda: hasher.verified(PASSWORD, stored), lambda: hasher.hash(PASSWORD)):
        with pytest.raises(Unavailable) as failed:
            ask()
        found = " ".join(held_by(failed.value, ours(failed.value)))
        assert PASSWORD not in found
        assert stored is None or stored not in found
    assert "a password could not be hashed" in caplog.text
    assert PASSWORD not in caplog.text
    assert "$" not in caplog.text


def test_H12_neither_does_a_worker_that_is_stopped_while_it_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_args: Any, **_kwargs: Any) -> bytes:
        raise SystemExit

    monkeypatch.setattr(argon2.low_level, "hash_secret", stopped)
    with pytest.raises(SystemExit) as ended:
        blocking().verified(PASSWORD, FOREIGN["pbkdf2 of Django"])
    assert PASSWORD not in " ".join(held_by(ended.value, ours(ended.value)))


LITTLE_MEMORY = """
import resource
from plexe_auth import Unavailable
from plexe_auth.bridge import finish
from plexe_auth.hashing.hasher import Hasher
from plexe_auth.hashing.parameters import FOR_TESTS, Parameters
stored = finish(Hasher(FOR_TESTS, parallel=1, is_async=False).hash("correct horse battery"))
hasher = Hasher(Parameters(2**20, 1, 1), parallel=1, is_async=False)
resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))
for ask in (lambda: hasher.hash("correct horse"), lambda: hasher.verified("correct horse battery", stored)):
    try:
        finish(ask())
    except Unavailable:
        print("unavailable")
"""


def test_where_memory_is_short_it_is_told_as_an_outage() -> None:
    ended = run("-W", "error", "-c", LITTLE_MEMORY)
    assert ended.stdout.split() == ["unavailable"] * 2


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, timeout=60)


MAKE = "from plexe_auth.hashing.hasher import Hasher; from plexe_auth.hashing.parameters import FOR_TESTS; "
BLOCKING = MAKE + "hasher = Hasher(FOR_TESTS, parallel=4, is_async=False)"


def test_nothing_heavy_is_loaded_before_the_first_password() -> None:
    heavy = {"passlib", "argon2", "bcrypt", "asyncio", "concurrent"}
    assert loaded_by(BLOCKING) & heavy == set()
    hashing = BLOCKING + "; from plexe_auth.bridge import finish; finish(hasher.hash('correct horse'))"
    assert loaded_by(hashing) & heavy == {"passlib", "argon2"}


FIRST = """
import threading, warnings
before = list(warnings.filters)
from plexe_auth.bridge import finish
ready = threading.Barrier(32)
done = []
def first():
    ready.wait()
    done.append(finish(hasher.hash("correct horse")))
threads = [threading.Thread(target=first) for _ in range(32)]
for one in threads: one.start()
for one in threads: one.join()
print(len(set(done)), warnings.filters == before)
"""


def test_many_threads_may_be_the_first_and_warnings_are_shown_as_before() -> None:
    assert run("-W", "error", "-c", BLOCKING + "\n" + FIRST).stdout.split() == ["32", "True"]


def test_making_a_hasher_makes_no_thread() -> None:
    before = threading.enumerate()
    made = [Hasher(FOR_TESTS, parallel=4, is_async=is_async) for is_async in (True, False)]
    assert threading.enumerate() == before
    assert made


FORKED = """
import asyncio, os, threading, argon2.low_level
from plexe_auth.bridge import finish
is_async = {is_async}
hasher = Hasher(FOR_TESTS, parallel=1, is_async=is_async)
run = asyncio.run if is_async else finish
stored = run(hasher.hash("correct horse"))
real, begun = argon2.low_level.hash_secret, threading.Event()
def stuck(*args, **kwargs):
    begun.set()
    threading.Event().wait()
argon2.low_level.hash_secret = stuck
threading.Thread(target=lambda: run(hasher.hash("correct horse")), daemon=True).start()
begun.wait()
child = os.fork()
if child == 0:
    argon2.low_level.hash_secret = real
    good = run(hasher.verified("correct horse", stored)).matches
    os._exit(0 if good else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
os._exit(0)
"""


@pytest.mark.parametrize("is_async", [False, True])
def test_a_forked_child_has_all_slots_whatever_its_parent_was_doing(is_async: bool) -> None:
    assert run("-c", MAKE + FORKED.format(is_async=is_async)).stdout.split() == ["0"]


def test_after_closing_it_can_be_used_and_closed_again(hasher: Plain) -> None:
    stored = hasher.hash(PASSWORD)
    hasher.run(hasher.hasher.close())
    assert hasher.verified(PASSWORD, stored).matches
    hasher.run(hasher.hasher.close())


def test_without_bcrypt_its_hashes_tell_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from plexe_auth.hashing import bcrypt

    bcrypt._checkpw.cache_clear()
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    with pytest.raises(ConfigurationError, match=r"plexe-auth\[bcrypt\]") as refused:
        blocking().verified(PASSWORD, FOREIGN["bcrypt"])
    assert PASSWORD not in " ".join(held_by(refused.value, ours(refused.value)))


def test_no_warning_is_shown_by_any_reader(hasher: Plain) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all(hasher.verified(PASSWORD, stored).matches for stored in FOREIGN.values())
