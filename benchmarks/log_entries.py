"""Entries of the access log that go into the indexed table per second of one core, against a bare ``executemany``.

Verifications leave lines in the spool while the database is locked; then it is let go, and what the processor takes
until ``flush`` has returned is what storing costs. The ratio is taken in each round by itself, since the machine may be
another's in the next one.
"""

import gc
import sqlite3
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.finding import Finding, Ratio, Sheet
from benchmarks.locking import locked
from plexe_auth import Auth

ENTRIES, BATCH, ROUNDS = 50_000, 1_000, 7
GOAL = 0.5
BARE = "bare executemany"
_TABLE = "plexe_auth_entries"


def log_entries(effort: Effort) -> list[Finding]:
    """Return what was found on a SQLite file."""
    count, ours, bare = effort.turns(ENTRIES), list[float](), list[float]()
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "auth.db"
            with Auth.open(f"sqlite:///{file}") as auth:
                ours.append(_stored(auth, file, count))
            bare.append(_bare(file, Path(folder) / "bare.db", count))
    rows = [(name, f"{count / statistics.median(taken):,.0f}") for name, taken in (("ours", ours), (BARE, bare))]
    share = statistics.median(least / taken for least, taken in zip(bare, ours, strict=True))
    ratio = Ratio(f"entries stored ÷ a {BARE} of the same rows", share, GOAL, at_least=True)
    how = f"{count:,} entries of verifications, SQLite, {BATCH:,} rows a transaction; the median of {ROUNDS} rounds."
    return [
        Finding("The access log", how, ratios=[ratio], sheets=[Sheet(("", "entries per second of one core"), rows)])
    ]


def _stored(auth: Auth, file: Path, count: int) -> float:
    """Return the seconds of processor that storing takes."""
    text = auth.keys.create("acct_42", name="CI").secret.reveal()
    auth.keys.verify(text)
    auth.log.flush()
    with locked(file):
        for _ in range(count):
            auth.keys.verify(text)
    gc.collect()  # what writing the lines left behind is not for storing to pay
    began = time.process_time()
    auth.log.flush()
    return time.process_time() - began


def _bare(file: Path, other: Path, count: int) -> float:
    """Return what the rows themselves take, in a file of their own with the same table and indexes."""
    source, target = sqlite3.connect(file), sqlite3.connect(other, isolation_level=None)
    rows = source.execute(f"SELECT * FROM {_TABLE} WHERE action = 'key.verify' LIMIT {count}").fetchall()
    told = source.execute(f"SELECT sql FROM sqlite_master WHERE tbl_name = '{_TABLE}' AND sql NOT NULL").fetchall()
    source.close()
    if len(rows) != count:
        raise SystemExit(f"only {len(rows)} of {count} entries were stored")
    target.execute("PRAGMA journal_mode = WAL")  # as ours is opened
    for (made,) in told:
        target.execute(made)
    insert = f"INSERT INTO {_TABLE} VALUES ({', '.join('?' * len(rows[0]))})"
    began = time.process_time()
    for start in range(0, count, BATCH):
        target.execute("BEGIN IMMEDIATE")
        target.executemany(insert, rows[start : start + BATCH])
        target.execute("COMMIT")
    took = time.process_time() - began
    target.close()
    return took
