"""Requests per second that an app keeps behind our middleware, under uvicorn and gunicorn, loaded by wrk."""

import random
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.effort import Effort
from benchmarks.environments import NotMade, program, python
from benchmarks.finding import Finding, Ratio, Sheet
from benchmarks.load import apps, clocked, pinning, server, wrk
from benchmarks.load.fronts import (
    ASGI,
    BARE,
    HEADER,
    KEPT,
    KEY,
    LEAST,
    LEAST_TOLD,
    PASSED_ON,
    PUBLIC,
    TOLD,
    URL,
    WSGI,
)
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
HEADS = ("", "requests per second", "µs a request", "99th percentile of latency, ms", "µs in it")
STEPS = (PASSED_ON, HEADER, PUBLIC, LEAST, KEPT, TOLD, LEAST_TOLD)


class Turns(NamedTuple):
    """So many rounds of so many seconds."""

    rounds: int
    seconds: int


MANY, FEW = Turns(10, 1), Turns(1, 1)


class Loads(NamedTuple):
    """What wrk told of each front, and what share each kept of the requests of the bare app right before and after."""

    told: dict[str, list[wrk.Load]]
    kept: dict[str, list[float]]


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
            found, interpreter = program("wrk"), python("server", REQUIREMENTS)
            return [_case(case, turns, found, interpreter, Path(folder)) for case in cases]
    except NotMade as reason:
        return [Finding("Requests per second under real servers", f"Not measured: {reason}.")]


def _case(case: Case, turns: Turns, found: str, interpreter: Path, folder: Path) -> Finding:
    url = f"sqlite:///{folder / f'{case.app}.db'}"
    with Auth.open(url) as auth:
        key = auth.keys.create("acct_42", name="CI", rate=RATE).secret.reveal()
    told = {URL: url, KEY: key, apps.APP: case.app}
    fronts = WSGI if case.app == "plain" else ASGI

    def served(front: str, **more: str) -> AbstractContextManager[server.Served]:
        return server.served(interpreter, case.kind, told | {apps.FRONT: front} | more)

    try:
        with ExitStack() as stack:
            loads = _in_turns(found, {front: stack.enter_context(served(front)) for front in fronts}, key, turns)
        steps = [front for front in STEPS if front in fronts]
        spent = {front: _spent(found, served, front, key, folder / "times") for front in (BARE, *steps)}
    except NotMade as reason:
        return Finding(case.title, f"Not measured: {reason}.")
    return _finding(case, turns, loads, {front: spent[front] - spent[BARE] for front in steps})


def _spent(found: str, served: Callable[..., Any], front: str, key: str, times: Path) -> float:
    """Return the microseconds that are spent in it for each request, in a worker of its own."""
    times.unlink(missing_ok=True)
    with served(front, **{apps.TIMES: str(times)}) as one:
        wrk.loaded(found, one.address, key, 1)
        if front in (KEPT, TOLD):
            pinning.move_storer(one.process)
        wrk.loaded(found, one.address, key, 2)
    return clocked.median(times)


def _finding(case: Case, turns: Turns, loads: Loads, spent: dict[str, float]) -> Finding:
    how = (
        f"One worker on a core of its own, wrk with 16 connections on another; {turns.rounds} rounds of "
        f"{turns.seconds} s each, in turns that have an order of their own, and the bare app between any two: a share "
        "is of what that answered right before and after. Log and usage are on, stored by a child of "
        'the worker (`log_storer="process"`) on the core of wrk, and the key has a rate that is counted in memory. '
        "The bare app is served twice: what the one process does of the other's requests is what chance does. "
        "The least is one function for one key and one path; it stores nothing. What only passes on calls the app and "
        "nothing else; what adds one header adds the one that ours does. “µs in it” is what is spent in the middleware "
        "itself for a request: the median, timed within a worker that does the same once more, less what asking the "
        "clock takes."
    )
    rows = [(*_row(name, load), f"{spent[name]:.1f}" if name in spent else "") for name, load in loads.told.items()]
    return Finding(case.title, how, ratios=list(_ratios(case, loads)), sheets=[Sheet(HEADS, rows)])


def _ratios(case: Case, loads: Loads) -> Iterator[Ratio]:
    kept = {name: statistics.median(shares) for name, shares in loads.kept.items()}
    goals = {KEPT: case.goal, TOLD: case.goal_told}
    floors = {KEPT: kept.pop(LEAST), TOLD: kept.pop(LEAST_TOLD, None)}
    for name, share in kept.items():
        yield Ratio(f"{case.title}: {name} ÷ {BARE}", share, goals.get(name), at_least=True, floor=floors.get(name))


def _in_turns(found: str, targets: dict[str, server.Served], key: str, turns: Turns) -> Loads:
    for name, served in targets.items():
        wrk.loaded(found, served.address, key, 1)  # the first requests load modules and fill caches
        if name in (KEPT, TOLD):
            pinning.move_storer(served.process)  # which the first entries have started

    def load(name: str) -> wrk.Load:
        return wrk.loaded(found, targets[name].address, key, turns.seconds)

    order, dice = [name for name in targets if name != BARE], random.Random(0)
    loads = Loads({name: [] for name in targets}, {name: [] for name in order})
    bare = load(BARE)
    for _ in range(turns.rounds):
        dice.shuffle(order)
        for name in order:
            one, before, bare = load(name), bare, load(BARE)
            loads.told[name].append(one)
            loads.told[BARE].append(bare)
            loads.kept[name].append(one.rate / statistics.mean((before.rate, bare.rate)))
    return loads


def _row(name: str, loads: list[wrk.Load]) -> tuple[str, ...]:
    rate, p99 = statistics.median(one.rate for one in loads), statistics.median(one.p99 for one in loads)
    return name, f"{rate:,.0f}", f"{1e6 / rate:.1f}", f"{p99:.1f}"
