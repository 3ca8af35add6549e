"""Requests per second that an app keeps behind our middleware, under uvicorn and gunicorn, loaded by wrk."""

import statistics
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.effort import Effort
from benchmarks.environments import NotMade, python
from benchmarks.finding import Finding, Ratio, Sheet
from benchmarks.load import pinning, server, wrk
from plexe_auth import Auth

REQUIREMENTS = (
    ".[async]",
    "uvicorn==0.54.0",
    "httptools==0.9.0",
    "uvloop==0.23.0",
    "starlette==1.10.0",
    "fastapi==0.165.0",
    "gunicorn==27.0.1",
)
RATE = "1000000/second"  # never reached: a refusal would cost something else
BARE, KEPT, TOLD = "bare", "guarded", "guarded, RateLimit fields sent"
LEAST, LEAST_TOLD = "behind the least that does the same", "behind the least, RateLimit fields sent"
PASSED_ON, HEADER = "behind what only passes on", "behind what adds one header"
PUBLIC = "guarded, a public path"
HEADS = ("", "requests per second", "µs a request", "99th percentile of latency, ms")


class Turns(NamedTuple):
    """So many rounds of so many seconds."""

    rounds: int
    seconds: int


MANY, FEW = Turns(5, 3), Turns(1, 1)


@dataclass(frozen=True, slots=True)
class Case:
    """An app under a server, and what share of its requests it has to keep; also with `RateLimit` fields, if asked."""

    title: str
    kind: tuple[str, ...]
    app: str
    goal: float | None
    goal_told: float | None


CASES = (
    Case("Starlette under uvicorn", server.UVICORN, "starlette", 0.88, 0.82),
    Case("FastAPI under uvicorn", server.UVICORN, "fastapi", 0.94, None),
    Case("A WSGI app under gunicorn, sync", server.GUNICORN_SYNC, "plain", 0.93, None),
    Case("A WSGI app under gunicorn, gthread", server.GUNICORN_THREADS, "plain", 0.93, None),
)


def under_load(effort: Effort) -> list[Finding]:
    """Return what was found for each app."""
    turns, cases = (FEW, CASES[::2]) if effort.quick else (MANY, CASES)
    try:
        with tempfile.TemporaryDirectory() as folder:
            found, interpreter = wrk.have(), python("server", REQUIREMENTS)
            return [_case(case, turns, found, interpreter, Path(folder)) for case in cases]
    except NotMade as reason:
        return [Finding("Requests per second under real servers", f"Not measured: {reason}.")]


def _case(case: Case, turns: Turns, found: str, interpreter: Path, folder: Path) -> Finding:
    url = f"sqlite:///{folder / f'{case.app}.db'}"
    with Auth.open(url) as auth:
        key = auth.keys.create("acct_42", name="CI", rate=RATE).secret.reveal()
    apps = {BARE: case.app, KEPT: f"guarded_{case.app}", LEAST: f"least_{case.app}"}
    if case.goal_told is not None:
        apps |= {TOLD: f"telling_{case.app}", LEAST_TOLD: f"least_telling_{case.app}"}
        apps |= {PASSED_ON: f"passed_on_{case.app}", HEADER: f"with_header_{case.app}", PUBLIC: f"public_{case.app}"}
    try:
        with ExitStack() as stack:
            targets = {
                name: stack.enter_context(server.served(interpreter, case.kind, app, url, key))
                for name, app in apps.items()
            }
            return _finding(case, turns, _in_turns(found, targets, key, turns))
    except NotMade as reason:
        return Finding(case.title, f"Not measured: {reason}.")


def _finding(case: Case, turns: Turns, loads: dict[str, list[wrk.Load]]) -> Finding:
    how = (
        f"One worker on a core of its own, wrk with 16 connections on another; {turns.rounds} rounds of "
        f"{turns.seconds} s each, in turns. Log and usage are on, stored by a child of the worker "
        '(`log_storer="process"`) on the core of wrk, and the key has a rate that is counted in memory. '
        "The least is one function for one key and one path; it stores nothing. What only passes on calls the app and "
        "nothing else; what adds one header adds the one that ours does."
    )
    goals = {KEPT: case.goal, TOLD: case.goal_told}
    ratios = [_kept(case, loads, name, goals.get(name)) for name in loads if name != BARE]
    return Finding(case.title, how, ratios=ratios, sheets=[Sheet(HEADS, [_row(*one) for one in loads.items()])])


def _in_turns(found: str, targets: dict[str, server.Served], key: str, turns: Turns) -> dict[str, list[wrk.Load]]:
    for name, served in targets.items():
        wrk.loaded(found, served.address, key, 1)  # the first requests load modules and fill caches
        if name in (KEPT, TOLD):
            pinning.move_storer(served.process)  # which the first entries have started
    loads: dict[str, list[wrk.Load]] = {name: [] for name in targets}
    for _ in range(turns.rounds):
        for name, served in targets.items():
            loads[name].append(wrk.loaded(found, served.address, key, turns.seconds))
    return loads


def _row(name: str, loads: list[wrk.Load]) -> tuple[str, ...]:
    rate, p99 = statistics.median(one.rate for one in loads), statistics.median(one.p99 for one in loads)
    return name, f"{rate:,.0f}", f"{1e6 / rate:.1f}", f"{p99:.1f}"


def _kept(case: Case, loads: dict[str, list[wrk.Load]], name: str, goal: float | None) -> Ratio:
    shares = [mine.rate / bare.rate for mine, bare in zip(loads[name], loads[BARE], strict=True)]
    return Ratio(f"{case.title}: {name} ÷ {BARE}", statistics.median(shares), goal, at_least=True)
