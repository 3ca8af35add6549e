"""The list of keys and the access log in the Console, where one account has a million of each: a page is read by index.

In process, on a SQLite file; the first page, one from the middle, and the keys in a state that none of them is in.
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
from benchmarks.pages import HOST, PASSWORD, SETTINGS
from plexe_auth import Auth, console
from plexe_auth.cli.seeding import EMAIL
from plexe_auth.model.cookie import NAME

TURNS = 400
SMALL, LARGE = 1_000, 1_000_000
GOAL = 1.25  # flat, but for a table whose pages no longer lie in the processor's cache
ACCOUNT = "acct_42"
SECOND = 1_000_000
PLACES = ("/keys", "/keys, from the middle", "/keys?status=revoked", "/logs", "/logs, from the middle")

Call = Callable[[], object]


def grown_pages(effort: Effort) -> list[Finding]:
    """Return what pages cost as their tables grow."""
    sizes = SMALL, LARGE if effort.turns(TURNS) == TURNS else LARGE // 10
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        subjects: dict[str, Call] = {}
        for size in sizes:
            subjects |= _subjects(Path(folder) / f"{size}.db", size, stack)
        timings = interleaved(subjects, effort.turns(TURNS))
    medians = {one.name: one.median for one in timings}
    small, large = sizes
    ratios = [
        Ratio(
            f"{place}: {large:,} rows ÷ {small:,} rows",
            medians[_name(place, large)] / medians[_name(place, small)],
            GOAL,
        )
        for place in PLACES
    ]
    how = "Fifty rows of an account's own, drawn for its owner on WSGI; the store is a SQLite file for each size."
    return [Finding(f"Pages of the Console, from {small:,} rows to {large:,}", how, timings, ratios)]


def _name(place: str, size: int) -> str:
    return f"{place}, {size:,} rows"


def _subjects(file: Path, size: int, stack: ExitStack) -> dict[str, Call]:
    auth = stack.enter_context(Auth.open(f"sqlite:///{file}", settings=SETTINGS))
    auth.users.create(EMAIL, PASSWORD, account_id=ACCOUNT, role="owner")
    first = auth.keys.create(ACCOUNT, name="CI").key
    auth.log.flush()
    keys, entries = _multiplied(file, size)
    result: Any = auth.sign_in.with_password(EMAIL, PASSWORD)
    app = console.wsgi_app(auth)
    told: dict[str, Any] = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": HOST}
    told |= {"wsgi.url_scheme": "http", "HTTP_COOKIE": f"{NAME}={result.token.reveal()}"}

    def asked(path: str, query: str = "") -> object:
        return app({**told, "PATH_INFO": path, "QUERY_STRING": query}, lambda *_told: len)

    calls: dict[str, Call] = {
        "/keys": lambda: asked("/keys"),
        "/keys, from the middle": lambda: asked("/keys", f"after={keys - size // 2 * SECOND}.{first.id}"),
        "/keys?status=revoked": lambda: asked("/keys", "status=revoked"),
        "/logs": lambda: asked("/logs"),
        "/logs, from the middle": lambda: asked("/logs", f"after={entries - size // 2 * SECOND}.1"),
    }
    return {_name(place, size): calls[place] for place in PLACES}


def _multiplied(file: Path, size: int) -> tuple[int, int]:
    """Put the one key and the newest entry there so many times, a second apart; return the newest instants."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    kinds = {
        "plexe_auth_keys": {
            "id": "id || '_' || n",
            "digest": "randomblob(32)",
            "created_at": f"created_at - n * {SECOND}",
        },
        "plexe_auth_entries": {"id": "id || '_' || n", "at": f"at - n * {SECOND}"},
    }
    newest: list[int] = []
    for table, own in kinds.items():
        at = list(own)[-1]
        names = [one[1] for one in connection.execute(f"PRAGMA table_info({table})")]
        chosen = ", ".join(own.get(name, name) for name in names)
        numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {size})"
        source = f"(SELECT * FROM {table} ORDER BY {at} DESC LIMIT 1)"
        newest.append(connection.execute(f"SELECT max({at}) FROM {table}").fetchone()[0])
        connection.execute(f"INSERT INTO {table} {numbers} SELECT {chosen} FROM {source}, numbers")
    connection.execute("COMMIT")
    connection.close()
    return newest[0], newest[1]
