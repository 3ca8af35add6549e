"""``keys.verify`` with nothing remembered, against the bare select of the same row in the same database."""

import asyncio
import tempfile
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks import bare
from benchmarks.effort import Effort
from benchmarks.finding import Finding, ratio
from benchmarks.interleaving import Timing, interleaved, interleaved_async
from plexe_auth import AsyncAuth, Auth, Settings
from plexe_auth.storage.sql.url import resolve
from tests.servers import KINDS, Server, ServerMissing, fresh_database

KEYS = 1000
TURNS = {"sqlite": 20_000, "postgresql": 5_000, "mariadb": 5_000}
COLD = Settings(cache_entries=0)
GOALS = {"sqlite": 2.0, "postgresql": 1.5}

VERIFY, HELD, POOLED = "keys.verify", "bare select, connection held", "bare select, connection from the pool"


def sqlite(effort: Effort) -> list[Finding]:
    """Return what was found on a SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'auth.db'}"
        return [_finding("SQLite", _blocking(url, effort.turns(TURNS["sqlite"])), GOALS["sqlite"])]


def server(kind: str, name: str, effort: Effort) -> list[Finding]:
    """Return what was found on a real server, for each face."""
    goal, turns = GOALS.get(kind), effort.turns(TURNS[kind])
    try:
        with KINDS[kind].running() as running:
            url = fresh_database(Server(kind, running.url), "plexe_auth_bench")
            return [
                _finding(f"{name}, blocking", _blocking(url, turns), goal),
                _finding(f"{name}, async", asyncio.run(_awaited(url, turns)), goal),
            ]
    except ServerMissing as reason:
        return [Finding(f"Cold verification on {name}", f"Not measured: {reason}.")]


def _finding(where: str, timings: list[Timing], goal: float | None) -> Finding:
    ratios = [ratio(timings, VERIFY, HELD, goal), ratio(timings, VERIFY, POOLED)]
    how = f"{KEYS:,} keys; each read and verified in turn. The bare select is SQLAlchemy Core's, of the same whole row."
    return Finding(f"Cold verification on {where}", how, timings, ratios)


def _blocking(url: str, turns: int) -> list[Timing]:
    with ExitStack() as stack:
        auth = stack.enter_context(Auth.open(url, settings=COLD, migrate=True))
        texts = [auth.keys.create("acct_42", name=str(number)).secret.reveal() for number in range(KEYS)]
        mine, digests = cycle(texts).__next__, cycle(map(bare.digest, texts)).__next__
        engine = stack.enter_context(bare.engine(url))
        subjects = {
            VERIFY: lambda: auth.keys.verify(mine()),
            HELD: bare.held(stack.enter_context(engine.connect()), digests),
            POOLED: bare.pooled(engine, digests),
        }
        return interleaved(subjects, turns)


async def _awaited(url: str, turns: int) -> list[Timing]:
    engine = create_async_engine(resolve(url, blocking=False), isolation_level="AUTOCOMMIT")
    async with AsyncAuth.open(url, settings=COLD, migrate=True) as auth, engine.connect() as connection:
        texts = [(await auth.keys.create("acct_42", name=str(number))).secret.reveal() for number in range(KEYS)]
        mine, digests = cycle(texts).__next__, cycle(map(bare.digest, texts)).__next__
        held = await bare.held_async(connection, digests)

        async def pooled() -> object:
            async with engine.connect() as connection:
                return (await connection.execute(statement, {"digest": digests()})).one()

        statement = await connection.run_sync(bare.select)
        subjects = {VERIFY: lambda: auth.keys.verify(mine()), HELD: held, POOLED: pooled}
        found = await interleaved_async(subjects, turns)
    await engine.dispose()
    return found
