"""Another process that shares a store: `python -m tests.keys.rival URL`, one request a line, one answer a line.

`verify KEY PERMISSION` answers with ``allowed`` or the wire code; `rotate ID THREADS` answers with how many of so
many rotations at once were not refused.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from plexe_auth import Auth, AuthError, Conflict


def verify(auth: Auth, text: str, permission: str) -> str:
    try:
        auth.keys.verify(text, permission=permission)
    except AuthError as refused:
        return refused.code
    return "allowed"


def rotate(auth: Any, key_id: str, threads: str) -> str:
    """Rotate one key from many threads at once, and count who won."""
    won: list[str] = []
    start = threading.Barrier(int(threads))

    def one() -> None:
        start.wait()
        with suppress(Conflict):
            won.append(auth.keys.rotate(key_id).key.id)

    rivals = [threading.Thread(target=one) for _ in range(int(threads))]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()
    return str(len(won))


class Rival:
    """The other process, from this side."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def begin(self, *words: str) -> None:
        assert self._process.stdin is not None
        print(*words, file=self._process.stdin, flush=True)

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def ask(self, *words: str) -> str:
        self.begin(*words)
        return self.answer()


@contextmanager
def rival(url: str) -> Iterator[Rival]:
    command = [sys.executable, "-m", __name__, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        other = Rival(process)
        assert other.answer() == "ready"
        try:
            yield other
        finally:
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait() == 0


def say(answer: str) -> None:
    sys.stdout.write(f"{answer}\n")
    sys.stdout.flush()


def main(url: str) -> None:
    with Auth.open(url) as auth:
        say("ready")
        for line in sys.stdin:
            verb, *words = line.split()
            say({"verify": verify, "rotate": rotate}[verb](auth, *words))


if __name__ == "__main__":
    main(sys.argv[1])
