"""Transactions that meet different rows do not wait for each other, whatever they have looked for in vain."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.util import greenlet_spawn

from plexe_auth import Auth
from plexe_auth.model.creation import creation
from plexe_auth.storage.sql.connections import Pooled
from plexe_auth.storage.sql.engine import async_server, server
from plexe_auth.storage.sql.store import SQLStore
from plexe_auth.storage.sql.url import resolve
from tests.faces import Loop
from tests.servers import mariadb
from tests.stores import emptied

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TIDIED = "DELETE FROM plexe_auth_tickets WHERE expires_at <= 1"  # which none are
SHORT = 2  # seconds of patience: the server itself gives a lock up after one


def added_while_another_has_tidied_up(engine: sa.Engine) -> tuple[int, ...]:
    pool, once = Pooled(engine), creation("a-name-of-my-own", "acct_tidy", ())
    assert once is not None
    try:
        with pool.writing() as other:
            other.exec_driver_sql("BEGIN")
            other.exec_driver_sql(TIDIED)
            return SQLStore(engine, pool).commit(*once.taken("key_1", NOW))
    finally:
        pool.close()


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_K21_who_tidies_up_keeps_nobody_from_adding(
    kind: str, face: str, loop: Loop, request: pytest.FixtureRequest
) -> None:
    where = resolve(emptied(request.getfixturevalue(f"{kind}_url")), blocking=face == "blocking")
    if face == "blocking":
        met: Any = added_while_another_has_tidied_up(server(where, SHORT))
    else:
        met = loop.run(greenlet_spawn(added_while_another_has_tidied_up, async_server(where, SHORT).sync_engine))
    assert met[-1] == 1


@pytest.mark.usefixtures("mariadb_url")
def test_a_server_that_logs_statements_is_written_to() -> None:
    with mariadb.running("--log-bin", "--binlog-format=STATEMENT") as logging:
        url = mariadb.fresh_database(logging, "logged")
        with Auth.open(url, migrate=True) as auth:
            text = auth.keys.create("acct_42", name="CI").secret.reveal()
            assert auth.keys.verify(text).account_id == "acct_42"
