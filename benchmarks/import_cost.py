"""``import plexe_auth`` against the four modules of the standard library that any library of its kind needs."""

import subprocess
import sys
import time
from collections.abc import Iterable

from benchmarks.effort import Effort
from benchmarks.finding import Finding, Ratio, ratio
from benchmarks.interleaving import Timing, timing

RUNS = 60
GOAL = 1.5
HEAVY = ("sqlalchemy", "passlib", "limits", "alembic", "httpx", "werkzeug")

START, REFERENCE, OURS, OPEN = (
    "the interpreter alone",
    "import dataclasses, datetime, hashlib, typing",
    "import plexe_auth",
    "from plexe_auth import Auth",
)
PROGRAMS = {START: "pass", REFERENCE: REFERENCE, OURS: OURS, OPEN: OPEN}


def imports(effort: Effort) -> list[Finding]:
    """Return what importing costs, and what comes along with it."""
    samples: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    runs = effort.turns(RUNS)
    for _ in range(runs):
        for name, program in PROGRAMS.items():
            began = time.perf_counter_ns()
            _told(program)
            samples[name].append(time.perf_counter_ns() - began)
    timings = [timing(name, sample) for name, sample in samples.items()]
    ratios = [ratio(timings, OURS, REFERENCE, GOAL), _net(timings, OURS, GOAL), _net(timings, OPEN, None)]
    how = f"{runs} fresh interpreters for each, in turns; “net” is without the start of the interpreter."
    return [Finding("Importing", how, timings, ratios, [_memory(), _company(OURS), _company(OPEN)])]


def _told(program: str) -> str:
    command = [sys.executable, "-I", "-c", program]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


def _net(timings: Iterable[Timing], name: str, goal: float | None) -> Ratio:
    medians = {one.name: one.median for one in timings}
    start = medians[START]
    return Ratio(f"{name} ÷ the four modules, net", (medians[name] - start) / (medians[REFERENCE] - start), goal)


def _memory() -> str:
    # The kernel's own mark of this program alone; `ru_maxrss` would count what the parent had before it.
    mark = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    peaks = {name: int(_told(f"{program}\n{mark}")) / 1024 for name, program in PROGRAMS.items()}
    return "Peak memory of the process: " + "; ".join(f"{name} {peak:.1f} MiB" for name, peak in peaks.items())


def _company(program: str) -> str:
    loaded = _told(f"{program}\nimport sys\nprint(*(name for name in {HEAVY!r} if name in sys.modules))").strip()
    return f"`{program}` loads of {', '.join(HEAVY)}: {loaded or 'none'}"
