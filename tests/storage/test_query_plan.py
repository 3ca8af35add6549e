"""A verification finds its row, and the account that goes with it, by an index."""

from pathlib import Path
from typing import Any

from plexe_auth import Auth, Settings
from plexe_auth.storage.tables import PREFIX
from tests.stores import sqlite_url


def traced(auth: Auth) -> tuple[Any, list[str]]:
    """The one connection that is at hand, and what it runs from now on."""
    store: Any = auth.world.store
    (held,) = store._store.connections._idle
    statements: list[str] = []
    held.connection.driver_connection.set_trace_callback(statements.append)
    return held.connection.driver_connection, statements


def test_a_verification_is_one_select_by_index(sqlite_template: Path, tmp_path: Path) -> None:
    url = sqlite_url(sqlite_template, tmp_path, rollback=False)
    with Auth.open(url, settings=Settings(cache_entries=0)) as auth:
        text = auth.keys.create("acct_42", name="CI").secret.reveal()
        connection, statements = traced(auth)
        assert auth.keys.verify(text, permission="models:read").account_id == "acct_42"
        (statement,) = statements
        connection.set_trace_callback(None)
        plan = [step for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    assert statement.startswith("SELECT ")
    assert [step.split()[0] for step in plan] == ["SEARCH", "SEARCH"]
    assert f"{PREFIX}keys_by_digest" in plan[0]
