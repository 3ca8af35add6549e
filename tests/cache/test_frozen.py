"""A process that was frozen, or forked, believes nothing that it remembers until it has looked again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plexe_auth import Auth
from tests.stores import emptied

VERIFIER = """
import sys
from plexe_auth import Auth, AuthError
from plexe_auth.journal import background
background.SOON = 3600  # a process that is frozen amid a transaction keeps others from writing
auth = Auth.open(sys.argv[1])
for text in sys.stdin:
    try:
        auth.keys.verify(text.strip())
        print("accepted", flush=True)
    except AuthError as refused:
        print(refused.code, flush=True)
auth.close()
"""
FORKED = """
import os, sys
from plexe_auth import Auth
auth = Auth.open(sys.argv[1])
text = auth.keys.create("acct", name="CI").secret.reveal()
auth.keys.verify(text)
assert auth.world.cache.hot or auth.world.cache._young
if (child := os.fork()) == 0:
    clean = not (auth.world.cache.hot or auth.world.cache._young or auth.world.epoch.until)
    well = auth.keys.verify(text).account_id == "acct"
    os._exit(0 if clean and well else 1)
assert os.waitpid(child, 0)[1] == 0
auth.keys.verify(text)
auth.close()
print("well")
"""


@contextmanager
def verifier(url: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", VERIFIER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
            assert process.stdin
            process.stdin.close()
            assert process.wait(30) == 0
        finally:
            process.kill()


def asked(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdin
    assert process.stdout
    process.stdin.write(text + "\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_K05_a_process_that_was_frozen_past_the_bound_refuses_what_was_revoked_meanwhile(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/auth.db" if kind == "sqlite" else emptied(request.getfixturevalue(f"{kind}_url"))
    with Auth.open(url) as auth:
        issued = auth.keys.create("acct_42", name="CI")
        text = issued.secret.reveal()
        with verifier(url) as process:
            assert [asked(process, text) for _ in range(3)] == ["accepted"] * 3
            os.kill(process.pid, signal.SIGSTOP)
            auth.keys.revoke(issued.key.id)
            os.kill(process.pid, signal.SIGCONT)
            assert asked(process, text) == "revoked_key"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_forked_worker_begins_with_nothing(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/auth.db" if kind == "sqlite" else emptied(request.getfixturevalue(f"{kind}_url"))
    done = subprocess.run([sys.executable, "-c", FORKED, url], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("well\n", "")
