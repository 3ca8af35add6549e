"""A connection comes back to the pool with nothing open and nothing unread, whatever interrupted its user."""

import asyncio
import contextlib
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.util import greenlet_spawn

from plexe_auth import AsyncAuth
from plexe_auth.storage.sql.connections import Pooled
from plexe_auth.storage.sql.engine import async_server, server
from plexe_auth.storage.sql.url import resolve
from tests.faces import Loop
from tests.stores import emptied
from tests.tap import tapped

ADDED = "INSERT INTO plexe_auth_accounts (id) VALUES ('acct_left')"
CONNECTION = {"postgresql": "SELECT pg_backend_pid()", "mariadb": "SELECT CONNECTION_ID()"}

each_server = pytest.mark.parametrize("kind", ["postgresql", "mariadb"])


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest) -> str:
    return emptied(request.getfixturevalue(f"{kind}_url"))


class Interrupted(Exception):
    """What comes between a transaction and its end."""


def left_open(engine: sa.Engine, kind: str) -> tuple[int, int, int]:
    """Leave a transaction open and commit another one; return which connection each had, and how many rows remain."""
    pool, used = Pooled(engine), []
    with contextlib.suppress(Interrupted), pool.writing() as connection:
        used.append(connection.exec_driver_sql(CONNECTION[kind]).scalar_one())
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql(ADDED)
        raise Interrupted
    with pool.writing() as connection:
        used.append(connection.exec_driver_sql(CONNECTION[kind]).scalar_one())
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("COMMIT")
    with pool.reading() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM plexe_auth_accounts").scalar_one()
    pool.close()
    return used[0], used[1], rows


@each_server
def test_what_was_left_open_is_not_committed_with_what_comes_next(kind: str, url: str, face: str, loop: Loop) -> None:
    where = resolve(url, blocking=face == "blocking")
    if face == "blocking":
        first, second, rows = left_open(server(where), kind)
    else:
        first, second, rows = loop.run(greenlet_spawn(left_open, async_server(where).sync_engine, kind))
    assert (first == second, rows) == (True, 0)


@each_server
def test_a_read_that_was_cancelled_never_answers_the_next_one(kind: str, url: str, loop: Loop) -> None:
    async def cancelled(auth: AsyncAuth, text: str, tap: Any) -> None:
        tap.heard.clear()
        tap.answering.clear()
        reading = asyncio.create_task(auth.keys.verify(text))
        await asyncio.to_thread(tap.wait_until_asked)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        tap.answering.set()

    async def accounts() -> list[str]:
        with tapped(url) as (through, tap):
            async with AsyncAuth.open(through) as auth:
                mine = (await auth.keys.create("mine", name="CI")).secret.reveal()
                other = (await auth.keys.create("other", name="CI")).secret.reveal()
                await cancelled(auth, other, tap)
                return [(await auth.keys.verify(mine)).account_id for _ in range(3)]

    assert loop.run(accounts()) == ["mine"] * 3
