"""Entries of the access log that go into the indexed table per second of one core, against a bare ``executemany``.

Verifications leave lines in the spool while the database is locked; then it is let go, and what the processor takes
until ``flush`` has returned is what storing costs.
"""

import sqlite3
import tempfile
import time
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.finding import Finding, Ratio, Sheet
from benchmarks.locking import locked
from plexe_auth import Auth

ENTRIES, BATCH, ROUNDS = 50_000, 1_000, 3
GOAL = 0.5
_TABLE = "plexe_auth_entries"


def log_entries(effort: Effort) -> list[Finding]:
    """Return what was found on a SQLite file."""
    count, ours, bare = effort.turns(ENTRIES), list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "auth.db"
        with Auth.open(f"sqlite:///{file}") as auth:
            text = auth.keys.create("acct_42", name="CI").secret.reveal()
            for number in range(ROUNDS):
                ours.append(_stored(auth, file, text, count))
                bare.append(_bare(file, Path(folder) / f"{number}.db", count))
    each, least = min(ours) / count, min(bare) / count
    rows = [("ours", f"{1 / each:,.0f}"), ("bare executemany", f"{1 / least:,.0f}")]
    ratio = Ratio("entries stored ÷ a bare executemany of the same rows", least / each, GOAL, at_least=True)
    how = f"{count:,} entries of verifications, SQLite, {BATCH:,} rows a transaction; the best of {ROUNDS} rounds."
    return [
        Finding("The access log", how, ratios=[ratio], sheets=[Sheet(("", "entries per second of one core"), rows)])
    ]


def _stored(auth: Auth, file: Path, text: str, count: int) -> float:
    """Return the seconds of processor that storing takes."""
    auth.keys.verify(text)
    auth.log.flush()
    with locked(file):
        for _ in range(count):
            auth.keys.verify(text)
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
