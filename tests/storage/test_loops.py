"""An `AsyncAuth` is made anywhere and connects when it is used; it outlives the loop that it was used on."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from plexe_auth import AsyncAuth
from tests.storage.conftest import SERVERS, connections

EVERY = ("memory", "sqlite", "sqlite-in-memory", *SERVERS)


@pytest.fixture(params=EVERY)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    places = {"memory": "memory://", "sqlite": f"sqlite:///{tmp_path}/auth.db", "sqlite-in-memory": "sqlite://"}
    if request.param in places:
        return places[request.param]
    return request.getfixturevalue("schema")(request.param)


async def verified(auth: AsyncAuth) -> bool:
    issued = await auth.keys.create("acct", name="CI")
    found = await asyncio.gather(*(auth.keys.verify(issued.secret.reveal()) for _ in range(5)))
    return {principal.id for principal in found} == {issued.key.id}


def test_it_is_made_where_no_loop_runs_and_closed_on_the_loop_that_uses_it(url: str) -> None:
    auth = AsyncAuth.open(url)

    async def used_and_closed() -> bool:
        try:
            return await verified(auth)
        finally:
            await auth.close()
            await auth.close()

    assert asyncio.run(used_and_closed())


def test_it_is_used_from_loops_one_after_another(server_url: str) -> None:
    auth = AsyncAuth.open(server_url)

    async def used_and_closed() -> bool:
        try:
            return await verified(auth)
        finally:
            await auth.close()

    assert [asyncio.run(used_and_closed()) for _ in range(3)] == [True] * 3


# In a process of their own, for asyncio warns of what its loops have left open; what may appear are just such warnings.
PRELUDE = """
import asyncio, sys, threading
from plexe_auth import AsyncAuth

auth = AsyncAuth.open(sys.argv[1])

async def verified():
    issued = await auth.keys.create("acct", name="CI")
    found = await asyncio.gather(*(auth.keys.verify(issued.secret.reveal()) for _ in range(5)))
    assert {principal.id for principal in found} == {issued.key.id}
    print("verified")
"""
LEFT_OPEN = """
for _ in range(3):
    asyncio.run(verified())
asyncio.run(auth.close())
"""
AT_ONCE = """
start = threading.Barrier(2)

async def many():
    start.wait(30)
    for _ in range(5):
        await verified()
    start.wait(30)

threads = [threading.Thread(target=lambda: asyncio.run(many())) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
asyncio.run(auth.close())
"""


@pytest.mark.parametrize(("code", "times"), [(LEFT_OPEN, 3), (AT_ONCE, 10)], ids=["left open", "at once"])
def test_it_is_used_from_loops_that_did_not_close_it(url: str, code: str, times: int) -> None:
    command = [sys.executable, "-c", PRELUDE + code, url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.count("verified"), done.stderr) == (times, "")


def test_many_may_be_the_first_to_use_it(server_url: str) -> None:
    async def main() -> list[object]:
        auth = AsyncAuth.open(server_url)
        pages = await asyncio.gather(*(auth.keys.page("nobody") for _ in range(20)))
        await auth.close()
        return [page.items for page in pages]

    assert asyncio.run(main()) == [()] * 20


def test_closing_gives_every_connection_back(server_url: str) -> None:
    async def main() -> tuple[int, int]:
        before = connections(server_url)
        async with AsyncAuth.open(server_url) as auth:
            await verified(auth)
            during = connections(server_url)
        return before, during

    before, during = asyncio.run(main())
    assert during > before
    assert connections(server_url) <= before
