"""What the ASGI specification leaves to servers and apps, and is not as uvicorn and Starlette do it, is served too."""

from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import Policy
from tests.faces import Loop
from tests.gate.shims import Answer, Asgi, Ask, Seen, Shim, scope

# What a server may leave out. Some leave out all of it.
OPTIONAL = ("raw_path", "root_path", "scheme", "client")


@pytest.fixture
def shim() -> type[Shim]:
    return Asgi


@pytest.fixture
def key(auth: Any) -> str:
    made: str = auth.keys.create("acct_42", name="k", rate="100/minute").secret.reveal()
    auth.keys.verify(made)
    return made


@pytest.mark.parametrize("left_out", [*((one,) for one in OPTIONAL), OPTIONAL], ids=" ".join)
def test_a_server_may_leave_out_what_it_may_leave_out(
    guarded: Callable[..., Asgi], loop: Loop, key: str, left_out: tuple[str, ...]
) -> None:
    shim, asked = guarded(Policy(https="off")), scope(Ask().by(key))
    seen = Seen(shim)
    for name in left_out:
        del asked[name]
    answers: list[Answer] = [loop.run(shim.answered(dict(asked))) for _ in range(2)]
    assert [one.code for one in answers] == ["ok", "ok"]
    assert all(one.headers["ratelimit"].startswith('"default";r=') for one in answers)
    assert seen.said == [True, True]  # at once: the long way takes several times as long


def test_an_app_may_give_its_headers_one_by_one(guarded: Callable[..., Asgi], loop: Loop, key: str) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = iter([(b"Cache-Control", b"private"), (b"x-own", b"1")])
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    answer = loop.run(guarded(app=app).answered(scope(Ask().by(key))))
    assert (answer.headers["cache-control"], answer.headers["x-own"]) == ("private", "1")
