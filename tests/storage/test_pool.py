"""One connection is enough for any number of callers: nothing of ours holds one while it waits for another."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from plexe_auth import AsyncAuth, Auth, Unavailable
from plexe_auth.storage.sql import engine
from plexe_auth.storage.sql.opening import open_asynchronous, open_blocking
from tests.storage.conftest import administered

CALLERS = 16


@pytest.fixture
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_POOL", engine._POOL | {"pool_size": 1, "max_overflow": 0})


def lived(auth: Auth) -> str:
    issued = auth.keys.create("acct", name="CI")
    successor = auth.keys.rotate(issued.key.id)
    auth.keys.verify(successor.secret.reveal())
    return auth.keys.revoke(issued.key.id).id


async def lived_async(auth: AsyncAuth) -> str:
    issued = await auth.keys.create("acct", name="CI")
    successor = await auth.keys.rotate(issued.key.id)
    await auth.keys.verify(successor.secret.reveal())
    return (await auth.keys.revoke(issued.key.id)).id


@pytest.mark.usefixtures("one_connection")
def test_H09_a_pool_of_one_serves_many_threads(server_url: str) -> None:
    with Auth.open(server_url) as auth, ThreadPoolExecutor(CALLERS) as threads:
        assert len({*threads.map(lambda _caller: lived(auth), range(CALLERS))}) == CALLERS


@pytest.mark.usefixtures("one_connection")
def test_H09_a_pool_of_one_serves_many_tasks(server_url: str) -> None:
    async def main() -> set[str]:
        async with AsyncAuth.open(server_url) as auth:
            return {*await asyncio.gather(*(lived_async(auth) for _ in range(CALLERS)))}

    assert len(asyncio.run(main())) == CALLERS


def test_a_pool_that_has_none_left_is_unavailable(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.1}
    monkeypatch.setattr(engine, "_POOL", engine._POOL | few)
    store = open_blocking(server_url, migrate=False)
    with store.connections.writing(), pytest.raises(Unavailable):  # type: ignore[attr-defined]
        store.get("keys", "id", "x")
    with store.connections.writing(), pytest.raises(Unavailable):  # type: ignore[attr-defined]
        store.spend("bucket", 1, 1, 1)
    assert store.get("keys", "id", "x") is None
    store.close()


def cached(store: Any) -> int:
    return len(store.connections._engine._compiled_cache)


def test_a_statement_of_the_same_form_is_compiled_once(server_url: str) -> None:
    with Auth.open(server_url) as auth:
        lived(auth)
        auth.keys.page("acct", limit=3)
        auth.accounts.suspend("acct_1")
        store: Any = auth.world.store._store  # type: ignore[attr-defined]
        before = cached(store)
        for number in range(3):
            lived(auth)
            auth.keys.page(f"acct_{number}", limit=number + 1)
            auth.accounts.suspend(f"acct_{number}", reason=str(number))
        assert before > 0
        assert cached(store) == before


def test_the_async_store_compiles_once_too(server_url: str) -> None:
    async def main() -> tuple[int, int]:
        store = open_asynchronous(server_url, migrate=False)
        auth = AsyncAuth(store)
        counts = []
        for _ in range(2):
            await lived_async(auth)
            counts.append(cached((await store._here()).store))  # type: ignore[attr-defined]
        await auth.close()
        return counts[0], counts[1]

    first, second = asyncio.run(main())
    assert 0 < first == second


def test_a_lock_that_another_holds_is_given_up_on(
    server_url: str, opened: Callable[..., Any], face: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = engine._settle
    monkeypatch.setattr(engine, "_settle", lambda pool, _patience: settle(pool, 2))
    auth = opened(face, server_url)
    key = auth.keys.create("acct", name="CI").key
    with administered(server_url) as holding:
        holding.exec_driver_sql("BEGIN")
        holding.exec_driver_sql("UPDATE plexe_auth_keys SET version = version + 1")
        with pytest.raises(Unavailable):
            auth.keys.revoke(key.id)
        holding.exec_driver_sql("ROLLBACK")
    assert auth.keys.revoke(key.id).revoked_at is not None
