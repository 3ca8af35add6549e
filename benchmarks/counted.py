"""A request counted by instructions of the processor: a count is nearly the same on every day, on a busy machine too.

Two runs of unlike length, one taken off the other: what is left is what the requests took, without starting.
"""

import os
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.environments import ROOT, NotMade, program, python
from benchmarks.finding import Finding, Sheet
from benchmarks.load import apps
from benchmarks.load.fronts import BARE, HEADER, KEPT, KEY, LEAST, LEAST_TOLD, PASSED_ON, PUBLIC, TOLD, URL
from benchmarks.under_load import RATE, REQUIREMENTS
from plexe_auth import Auth

TITLE = "A request, counted by instructions"
FRONTS = (BARE, PASSED_ON, HEADER, PUBLIC, LEAST, KEPT, LEAST_TOLD, TOLD)
FEW, TURNS = 500, 3_000
_MODULE = "benchmarks.load.inlet"
_COUNTS = "valgrind"
_COUNTING = (_COUNTS, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")


def counted(effort: Effort) -> list[Finding]:
    """Return how many instructions a request to Starlette takes behind each of the fronts."""
    try:
        program(_COUNTS)
        return [_finding(_each(python("server", REQUIREMENTS), effort.turns(TURNS)))]
    except NotMade as reason:
        return [Finding(TITLE, f"Not measured: {reason}.")]


def _finding(taken: dict[str, float]) -> Finding:
    how = (
        "Starlette, its requests put into uvicorn's own protocol without sockets, on asyncio's own loop, and counted "
        "by Cachegrind: thousands of instructions for each request. The log is written and not stored meanwhile. The "
        "fronts are those of the servers below."
    )
    rows = [(front, f"{one / 1000:.1f}", f"{(one - taken[BARE]) / 1000:.1f}") for front, one in taken.items()]
    return Finding(TITLE, how, sheets=[Sheet(("", "thousand instructions", "more than bare"), rows)])


def _each(interpreter: Path, requests: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as several:
        asked = [(interpreter, Path(folder) / f"{number}.db", front, requests) for number, front in enumerate(FRONTS)]
        return dict(zip(FRONTS, several.map(_taken, *zip(*asked, strict=True)), strict=True))


def _taken(interpreter: Path, file: Path, front: str, requests: int) -> float:
    url = f"sqlite:///{file}"
    with Auth.open(url) as auth:
        key = auth.keys.create("acct_42", name="CI", rate=RATE).secret.reveal()
    told = {URL: url, KEY: key, apps.APP: "starlette", apps.FRONT: front, "PYTHONHASHSEED": "0"}
    few, many = (_instructions(interpreter, told, count) for count in (FEW, FEW + requests))
    return (many - few) / requests


def _instructions(interpreter: Path, told: dict[str, str], requests: int) -> int:
    command = [*_COUNTING, str(interpreter), "-m", _MODULE, str(requests)]
    ended = subprocess.run(command, env=os.environ | told, cwd=ROOT, capture_output=True, text=True, check=False)
    found = re.search(r"I\s+refs:\s+([\d,]+)", ended.stderr)
    if ended.returncode or found is None:
        raise NotMade((ended.stderr.strip() or "it told no figures").splitlines()[-1][:200])
    return int(found[1].replace(",", ""))
