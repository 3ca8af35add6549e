"""The access log as it grows: a page is found by index, whatever is asked for and however rare that is.

In process, on a SQLite file. The oldest are fifty entries each of a few kinds; all that came after them are
verifications of one key.
"""

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.effort import Effort
from benchmarks.finding import Finding, Ratio
from benchmarks.interleaving import interleaved
from plexe_auth import Auth
from plexe_auth.model.entry import VERIFIED, kind

TURNS = 400
GOAL = 1.25  # flat, but for a table whose pages no longer lie in the processor's cache
ACCOUNT = "acct_42"
ROWS = 50
SECOND = 1_000_000
_TABLE = "plexe_auth_entries"
_OLDEST: tuple[dict[str, str], ...] = (
    {"outcome": "'denied'", "code": "'revoked_key'", "kind": str(kind(VERIFIED, "denied"))},
    {"action": "'key.revoke'", "kind": str(kind("key.revoke", "allowed"))},
    {"key_id": "'key_rare'"},
    {"account_id": "'acct_little'"},
)
_ASKED: dict[str, dict[str, str]] = {
    "an account's": {"account_id": ACCOUNT},
    "an account's, from the middle": {"account_id": ACCOUNT},
    "an account's that were denied": {"account_id": ACCOUNT, "outcome": "denied"},
    "an account's revocations": {"account_id": ACCOUNT, "action": "key.revoke"},
    "an account's of a rare key": {"account_id": ACCOUNT, "key_id": "key_rare"},
    "a little account's that were allowed": {"account_id": "acct_little", "action": VERIFIED, "outcome": "allowed"},
    "everybody's that were denied": {"outcome": "denied"},
}

Call = Callable[[], object]


def grown_log(effort: Effort) -> list[Finding]:
    """Return what a page of the log costs as the log grows."""
    small, large = effort.sizes[0], effort.sizes[-1]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        subjects: dict[str, Call] = {}
        for size in (small, large):
            subjects |= _subjects(Path(folder) / f"{size}.db", size, stack)
        timings = interleaved(subjects, effort.turns(TURNS))
    medians = {one.name: one.median for one in timings}
    ratios = [
        Ratio(
            f"{asked}: {large:,} entries ÷ {small:,}", medians[_name(asked, large)] / medians[_name(asked, small)], GOAL
        )
        for asked in _ASKED
    ]
    how = (
        f"`auth.log.page` of {ROWS} entries, on a SQLite file for each size. What is rare is the oldest; all that came "
        "after it is of one account and key, and was allowed."
    )
    return [Finding(f"The access log, from {small:,} entries to {large:,}", how, timings, ratios)]


def _name(asked: str, size: int) -> str:
    return f"{asked}, {size:,}"


def _subjects(file: Path, size: int, stack: ExitStack) -> dict[str, Call]:
    auth = stack.enter_context(Auth.open(f"sqlite:///{file}"))
    auth.keys.verify(auth.keys.create(ACCOUNT, name="CI").secret.reveal(), ip="192.0.2.7")
    auth.log.flush()
    newest = _filled(file, size)
    middle = f"{newest - size // 2 * SECOND}.1"
    calls = {
        _name(asked, size): _asking(auth, {**given, "after": middle if "middle" in asked else None})
        for asked, given in _ASKED.items()
    }
    short = [name for name, call in calls.items() if len(call().items) != ROWS]
    if short:
        raise SystemExit(f"no page of {ROWS} entries: {', '.join(short)}")
    return dict(calls)


def _asking(auth: Auth, given: dict[str, Any]) -> Callable[[], Any]:
    return lambda: auth.log.page(**given, limit=ROWS, fresh=False)


def _filled(file: Path, size: int) -> int:
    """Put so many entries before the newest one, a second apart, and return its instant."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -1000000")  # a gigabyte
    newest: int = connection.execute(f"SELECT max(at) FROM {_TABLE}").fetchone()[0]
    chosen = ", ".join(_value(row[1], newest, size) for row in connection.execute(f"PRAGMA table_info({_TABLE})"))
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {size})"
    source = f"(SELECT * FROM {_TABLE} WHERE action = '{VERIFIED}')"
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"INSERT INTO {_TABLE} {numbers} SELECT {chosen} FROM {source}, numbers")
    connection.execute("COMMIT")
    connection.close()
    return newest


def _value(column: str, newest: int, size: int) -> str:
    """Return what stands in a column of the n-th entry, the oldest of which is the first."""
    own = {"id": "printf('log_0%015dx%06d', n / 1000, n % 1000)", "at": f"{newest} - ({size} + 1 - n) * {SECOND}"}
    if column in own:
        return own[column]
    cases = [
        f"WHEN n BETWEEN {place * ROWS + 1} AND {(place + 1) * ROWS} THEN {told[column]}"
        for place, told in enumerate(_OLDEST)
        if column in told
    ]
    return f"CASE {' '.join(cases)} ELSE {column} END" if cases else column
