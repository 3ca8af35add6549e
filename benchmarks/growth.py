"""Verification with a thousand keys in the table and with a million: one read by a unique index, it stays flat."""

import os
import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from benchmarks import bare
from benchmarks.finding import Finding, Ratio
from benchmarks.interleaving import interleaved
from plexe_auth import Auth

SIZES = (1_000, 10_000, 100_000, 1_000_000)
KNOWN = 500
TURNS = 4_000
GOAL = 1.5
_TEMPLATE = "SELECT * FROM plexe_auth_keys LIMIT 1"


def growth() -> list[Finding]:
    """Return what verification costs as the table grows, beside what the bare select of the same rows costs."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        subjects: dict[str, Callable[[], object]] = {}
        for size in SIZES:
            subjects |= _subjects(Path(folder) / f"{size}.db", size, stack)
        timings = interleaved(subjects, TURNS)
    medians = {one.name: one.median for one in timings}
    ratios = [_growth(medians, "keys.verify", GOAL), _growth(medians, "bare select", None)]
    how = f"SQLite, one file for each size; {KNOWN} keys of each, all over the table, verified in turn."
    return [Finding("From a thousand keys to a million", how, timings, ratios)]


def _growth(medians: dict[str, float], what: str, goal: float | None) -> Ratio:
    value = medians[_name(what, SIZES[-1])] / medians[_name(what, SIZES[0])]
    return Ratio(f"{what}: {SIZES[-1]:,} keys ÷ {SIZES[0]:,} keys", value, goal)


def _name(what: str, size: int) -> str:
    return f"{what}, {size:,} keys"


def _subjects(file: Path, size: int, stack: ExitStack) -> dict[str, Callable[[], object]]:
    url = f"sqlite:///{file}"
    auth = stack.enter_context(Auth.open(url))
    texts = [auth.keys.create("acct_42", name="CI").secret.reveal() for _ in range(KNOWN)]
    _fill(file, size)
    random.Random(size).shuffle(texts)
    mine, digests = cycle(texts).__next__, cycle(map(bare.digest, texts)).__next__
    connection = stack.enter_context(stack.enter_context(bare.engine(url)).connect())
    return {
        _name("keys.verify", size): lambda: auth.keys.verify(mine()),
        _name("bare select", size): bare.held(connection, digests),
    }


def _fill(file: Path, size: int) -> None:
    """Add keys, and one account in ten that was suspended once, until there are `size` keys."""
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    model = dict(connection.execute(_TEMPLATE).fetchone())
    indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL").fetchall()
    connection.execute("BEGIN")
    for index in indexes:  # built once at the end, which takes a fraction of the time
        connection.execute(f'DROP INDEX "{index["name"]}"')
    marks = ", ".join("?" * len(model))
    connection.executemany(f"INSERT INTO plexe_auth_keys VALUES ({marks})", _rows(model, size - KNOWN))
    accounts = ((f"acct_{number:07}", None, None) for number in range(size // 10))
    connection.executemany("INSERT INTO plexe_auth_accounts VALUES (?, ?, ?)", accounts)
    for index in indexes:
        connection.execute(index["sql"])
    connection.execute("COMMIT")
    connection.close()


def _rows(model: dict[str, object], count: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        own = {"id": f"key_{number:022}", "account_id": f"acct_{number:07}", "digest": os.urandom(32)}
        yield tuple((model | own | {"family": own["id"]}).values())
