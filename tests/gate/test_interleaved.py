"""However many requests are under way at once, each is served as its own principal and leaves nothing behind."""

import asyncio
import json
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from plexe_auth import AsyncAuth, asgi
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.threaded import Threaded
from tests.faces import Loop
from tests.gate.shims import Asgi, Ask, Shim, Wsgi, environ, scope

REQUESTS = 1_000
TOGETHER = 32


def issued(auth: Any, count: int = 20) -> dict[str, str]:
    """Keys, each of an account of its own: what to send, and as whom it must be served."""
    made = [auth.keys.create(f"acct_{number}", name="k") for number in range(count)]
    return {one.secret.reveal(): one.key.account_id for one in made} | {"plx_sk_junk": "nobody"}


@pytest.mark.parametrize("shim", [Wsgi], ids=["wsgi"])
@pytest.mark.parametrize("store_url", ["memory", "sqlite"], indirect=True)
def test_H06_in_threads_no_request_sees_the_principal_of_another(shim: type[Shim], auth: Any, loop: Loop) -> None:
    together = threading.Barrier(TOGETHER)

    def app(environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/together":
            together.wait(30)  # all of them have been decided before any of them is served
        start_response("200 OK", [])
        return [environ["plexe_auth.principal"].account_id.encode()]

    guarded = Wsgi(auth, None, app, loop)
    keys = issued(auth)
    good = [key for key in keys if keys[key] != "nobody"]
    asks = [(key, "/x") for key in random.Random(1).choices(list(keys), k=REQUESTS)]
    with ThreadPoolExecutor(TOGETHER) as threads:
        answers = list(threads.map(lambda sent: guarded(Ask(target=sent[1]).by(sent[0])), asks))
        crowd = [(good[number % len(good)], "/together") for number in range(TOGETHER)]
        answers += threads.map(lambda sent: guarded(Ask(target=sent[1]).by(sent[0])), crowd)
    for (key, _target), answer in zip(asks + crowd, answers, strict=True):
        assert (answer.body.decode() if answer.status == 200 else "nobody") == keys[key]


@pytest.mark.parametrize("shim", [Asgi], ids=["asgi"])
@pytest.mark.parametrize("store_url", ["memory", "sqlite"], indirect=True)
def test_H06_in_tasks_no_request_sees_the_principal_of_another(shim: type[Shim], auth: Any, loop: Loop) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        arrived.append(scope)
        if len(arrived) == expected:
            everybody_is_in.set()
        await everybody_is_in.wait()  # nobody is answered before
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": scope["plexe_auth.principal"].account_id.encode()})

    arrived: list[Any] = []
    everybody_is_in = asyncio.Event()
    keys = issued(auth)
    sent = random.Random(1).choices(list(keys), k=REQUESTS)
    expected = sum(keys[key] != "nobody" for key in sent)
    guarded = Asgi(auth, None, app, loop)

    async def all_at_once() -> list[Any]:
        return await asyncio.gather(*(guarded.answered(scope(Ask().by(key))) for key in sent))

    for key, answer in zip(sent, loop.run(all_at_once()), strict=True):
        assert (answer.body.decode() if answer.status == 200 else "nobody") == keys[key]


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Any) -> str:
    return "memory://" if getattr(request, "param", "memory") == "memory" else f"sqlite:///{tmp_path}/auth.db"


class Held(Threaded):
    """A store whose reads wait until they are let go."""

    def __init__(self) -> None:
        super().__init__(MemoryStore(), quick=True)
        self.reading = asyncio.Event()
        self.let_go = asyncio.Event()

    async def get(self, *args: Any, **kwargs: Any) -> Any:
        self.reading.set()
        await self.let_go.wait()
        return await super().get(*args, **kwargs)


def test_H06_a_request_that_is_cancelled_while_it_is_decided_leaves_nothing_behind() -> None:
    asyncio.run(_cancelled_and_asked_again())


async def _cancelled_and_asked_again() -> None:
    store, served, sent = Held(), [], []
    store.let_go.set()
    auth = AsyncAuth(store)
    key = (await auth.keys.create("acct_1", name="k")).secret.reveal()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        served.append(scope["plexe_auth.principal"].account_id)

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nobody has asked for the body")

    guarded = asgi.AuthMiddleware(app, auth)
    store.let_go.clear()
    store.reading.clear()
    told = scope(Ask().by(key))
    task = asyncio.create_task(guarded(told, receive, send))
    await store.reading.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (served, sent) == ([], [])
    assert "plexe_auth.principal" not in told
    assert asyncio.all_tasks() == {asyncio.current_task()}
    store.let_go.set()
    await guarded(scope(Ask().by(key)), receive, send)
    assert served == ["acct_1"]


@pytest.mark.parametrize("shim", [Asgi], ids=["asgi"])
@pytest.mark.parametrize("store_url", ["memory", "sqlite"], indirect=True)
def test_H06_requests_cancelled_at_any_step_do_no_harm_to_others(shim: type[Shim], auth: Any, loop: Loop) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        for _ in range(3):
            await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["plexe_auth.principal"].account_id.encode()})

    guarded = Asgi(auth, None, app, loop)
    keys = {key: who for key, who in issued(auth).items() if who != "nobody"}

    async def some_are_cancelled() -> list[tuple[str, Any]]:
        tasks = {asyncio.create_task(guarded.answered(scope(Ask().by(key)))): key for key in list(keys) * 10}
        for number, task in enumerate(tasks):
            if number % 3 == 0:
                task.cancel()
            if number % 7 == 0:
                await asyncio.sleep(0)
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        return list(zip(tasks.values(), answers, strict=True))

    done = [(key, answer) for key, answer in loop.run(some_are_cancelled()) if not isinstance(answer, BaseException)]
    assert 100 < len(done) < 200
    assert all(answer.body.decode() == keys[key] for key, answer in done)


def test_H06_the_environ_and_the_scope_of_a_refused_request_name_nobody(guarded: Callable[..., Any]) -> None:
    app, ask = guarded(), Ask().by("plx_sk_junk")
    if isinstance(app, Asgi):
        told = scope(ask)
        assert json.loads(app.loop.run(app.answered(told)).body)["code"] == "invalid_key"
    else:
        told = environ(ask)
        app.guarded(told, lambda status, headers: None)
    assert "plexe_auth.principal" not in told
