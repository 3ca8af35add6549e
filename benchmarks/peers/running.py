"""A peer's process: started in its own environment, asked for rounds, ended."""

import json
import select
import subprocess
import sys
import tempfile
from contextlib import suppress
from typing import Any

from benchmarks.environments import ROOT, python
from benchmarks.peers.catalogue import Peer

_PATIENCE = 120.0  # seconds for setting up, or for one round
_GRACE = 2.0  # seconds for ending, once it has hung up
_PARTS = 3  # a turn is a batch of floors, a batch of verifications, and a single one
_SHORTEST_NS = 50_000
_MOST_TURNS = 500


class Failed(Exception):
    """A peer's process ended before it was told to, or says nothing; the text is its last word."""


class Running:
    """A peer that sets itself up, and then waits for its turn. Whoever makes one has to `end` it.

    Raises:
        NotMade: its environment cannot be had.
    """

    def __init__(self, peer: Peer, milliseconds: int) -> None:
        interpreter = str(python(peer.environment, peer.requirements)) if peer.requirements else sys.executable
        told = [peer.configuration] if peer.configuration else []
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed in `end`
        self._process = subprocess.Popen(
            [interpreter, "-W", "ignore", "-m", f"benchmarks.peers.{peer.script}", *told],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._budget = milliseconds * 1_000_000
        self._turns = 1

    def warm_up(self) -> None:
        """Let it find out how long it takes, once it has set itself up, and so how many turns make a round.

        Raises:
            Failed: it did not get that far.
        """
        told = self._asked("warm up")
        turn = _PARTS * max(told["one"] * told["batch"], _SHORTEST_NS)
        self._turns = max(1, min(_MOST_TURNS, int(self._budget / turn)))

    def round(self) -> dict[str, list[float]]:
        """Let it work for about as long as was said, and return what it took.

        Raises:
            Failed: it did not.
        """
        return self._asked(f"go {self._turns}")

    def end(self) -> None:
        """Hang up, and see that it goes."""
        try:
            with suppress(BrokenPipeError):
                self._process.communicate(timeout=_PATIENCE)
        finally:
            self._process.kill()
            self._process.wait()
            self._errors.close()

    def _asked(self, what: str) -> dict[str, Any]:
        with suppress(BrokenPipeError):
            print(what, file=self._process.stdin, flush=True)
        assert self._process.stdout is not None
        while select.select([self._process.stdout], [], [], _PATIENCE)[0]:
            line = self._process.stdout.readline()
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
            if not line:
                break
        raise Failed(self._last_word())

    def _last_word(self) -> str:
        try:
            silence = f"it ended with code {self._process.wait(_GRACE)}"
        except subprocess.TimeoutExpired:
            silence = "it said nothing in time"
            self._process.kill()
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors if line.strip()]
        return lines[-1][:200] if lines else silence
