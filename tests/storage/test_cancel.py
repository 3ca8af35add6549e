"""A caller that is cancelled leaves nothing half done, and its connection answers nobody else's question."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import AsyncAuth, Settings
from tests.storage.line import PASS, Line

TO_COMMIT = 11  # a rotation sends a read, BEGIN, four changes, four of the access log, and COMMIT
MESSAGES = range(1, TO_COMMIT + 6)  # more than it sends
TURNS = range(12)


@pytest.fixture
def line(server_url: str) -> Iterator[Line]:
    line = Line(server_url)
    yield line
    line.down()


class Stop:
    """Stops the line at one message, until the caller has been cancelled."""

    def __init__(self, message: int) -> None:
        self.message = message
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, message: int) -> str:
        if message == self.message:
            self.reached.set()
            self.go_on.wait(30)
        return PASS


async def cancelled_at(line: Line, message: int, work: Coroutine[Any, Any, Any]) -> bool:
    """Cancel `work` while its message with that number is on the way; return whether it got as far as that."""
    stop = Stop(message)
    line.set(stop)
    task = asyncio.ensure_future(work)
    reached = asyncio.ensure_future(asyncio.to_thread(stop.reached.wait, 30))
    await asyncio.wait([task, reached], return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    was_reached = stop.reached.is_set()
    stop.reached.set()
    stop.go_on.set()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await reached
    line.set()
    return was_reached


@asynccontextmanager
async def with_keys(url: str, count: int) -> AsyncIterator[tuple[AsyncAuth, dict[str, str]]]:
    async with AsyncAuth.open(url, settings=Settings(cache_entries=0)) as auth:
        issued = [await auth.keys.create("acct", name="CI") for _ in range(count)]
        yield auth, {one.key.id: one.secret.reveal() for one in issued}


async def assert_sound(auth: AsyncAuth, keys: dict[str, str]) -> None:
    """Each text is answered with its own key, also when many are asked for at once."""
    found = await asyncio.gather(*(auth.keys.verify(text) for text in keys.values()))
    assert [principal.id for principal in found] == list(keys)


def test_H06_a_cancelled_read_leaves_its_answer_to_nobody_else(line: Line) -> None:
    async def main() -> None:
        async with with_keys(line.url, 8) as (auth, keys):
            reached = []
            for text in keys.values():
                reached.append(await cancelled_at(line, 1, auth.keys.verify(text)))
                await assert_sound(auth, keys)
            assert all(reached)
            assert await cancelled_at(line, 1, auth.keys.page("acct"))
            await assert_sound(auth, keys)

    asyncio.run(main())


def test_H06_a_cancelled_write_is_whole(line: Line) -> None:
    async def main() -> list[bool]:
        reached = []
        async with with_keys(line.url, len(MESSAGES)) as (auth, keys):
            for message, key_id in zip(MESSAGES, keys, strict=True):
                await auth.keys.get(key_id)  # a connection is at hand
                reached.append(await cancelled_at(line, message, auth.keys.rotate(key_id)))
                await assert_sound(auth, keys)
            await auth.close()  # writes that go on come to their end
            await assert_whole(auth, list(keys))
            await auth.close()
        return reached

    reached = asyncio.run(main())
    assert reached[:TO_COMMIT] == [True] * TO_COMMIT


async def assert_whole(auth: AsyncAuth, key_ids: list[str]) -> None:
    """A key that was rotated has its successor."""
    for key_id in key_ids:
        successor = (await auth.keys.get(key_id)).rotated_to
        if successor is not None:
            assert (await auth.keys.get(successor)).family == key_id


def test_H06_a_loop_that_is_stopped_in_the_middle_of_a_write_leaves_no_half(line: Line) -> None:
    async def stopped(message: int) -> str:
        auth = AsyncAuth.open(line.url)
        key_id = (await auth.keys.create("acct", name="CI")).key.id
        stop = Stop(message)
        line.set(stop)
        task = asyncio.ensure_future(auth.keys.rotate(key_id))
        await asyncio.to_thread(stop.reached.wait, 30)
        for one in asyncio.all_tasks() - {asyncio.current_task()}:  # as `asyncio.run` does at its end
            one.cancel()
        stop.go_on.set()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        line.set()
        await auth.close()
        return key_id

    async def look(key_ids: list[str]) -> None:
        async with AsyncAuth.open(line.url) as auth:
            await assert_whole(auth, key_ids)

    key_ids = [asyncio.run(stopped(message)) for message in range(2, TO_COMMIT + 1)]
    asyncio.run(look(key_ids))


URLS: dict[str, Callable[[Path], str]] = {
    "memory": lambda _folder: "memory://",
    "sqlite": lambda folder: f"sqlite:///{folder}/auth.db",
    "sqlite-rollback": lambda folder: f"sqlite:///{folder}/auth.db?journal=delete",
    "sqlite-in-memory": lambda _folder: "sqlite://",
}


@pytest.mark.parametrize("url", URLS)
def test_H06_a_write_in_a_thread_is_whole_when_its_caller_is_cancelled(tmp_path: Path, url: str) -> None:
    async def main() -> None:
        async with with_keys(URLS[url](tmp_path), len(TURNS)) as (auth, keys):
            for turns, key_id in zip(TURNS, keys, strict=True):
                task = asyncio.ensure_future(auth.keys.rotate(key_id))
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
                await assert_sound(auth, keys)
            await assert_whole(auth, list(keys))

    asyncio.run(main())
