"""A WebSocket is judged before it is accepted, as a reading request; other kinds of connection do not get in."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import InsufficientPermissions, Policy, Rule, Unavailable
from plexe_auth.asgi import AuthMiddleware
from tests.faces import Loop
from tests.gate.keys import Made
from tests.gate.shims import Asgi, Ask, Shim, scope

HTTP_ANSWERS: dict[str, Any] = {"extensions": {"websocket.http.response": {}}}
Messages = list[dict[str, Any]]


class Echo:
    """A WebSocket app that accepts, tells whom it serves, and closes."""

    raises: Exception | None = None
    after_accepting: Exception | None = None
    served = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.served += 1
        self.scope = scope
        await receive()
        if self.raises:
            raise self.raises
        await send({"type": "websocket.accept"})
        if self.after_accepting:
            raise self.after_accepting
        await send({"type": "websocket.close", "code": 1000})


@pytest.fixture
def shim() -> type[Shim]:
    return Asgi


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def connect(auth: Any, loop: Loop, echo: Echo) -> Callable[..., Messages]:
    """Connects, and returns what the server was told."""

    def connect(ask: Ask, policy: Policy | None = None, **more: Any) -> Messages:
        sent: Messages = []
        received = iter([{"type": "websocket.connect"}])

        async def receive() -> Any:
            return next(received, None) or await asyncio.Event().wait()  # the client says nothing more

        async def send(message: Any) -> None:
            sent.append(dict(message))

        told = scope(ask) | {"type": "websocket"} | more
        del told["method"]
        loop.run(AuthMiddleware(echo, auth.awaited, policy)(told, receive, send))
        return sent

    return connect


def test_P07_with_a_good_key_it_is_accepted(connect: Callable[..., Messages], keys: Made, echo: Echo) -> None:
    for key in ("good", "reader"):
        accepted, _closed = connect(Ask().by(keys.text[key]))
        assert accepted["type"] == "websocket.accept"
        assert echo.scope["plexe_auth.principal"].id == keys.id[key]


@pytest.mark.parametrize("key", ["", "unknown", "expired", "revoked", "disabled", "bound", "writer", "powerless"])
def test_P07_without_one_it_is_closed_before_it_is_accepted(
    connect: Callable[..., Messages], keys: Made, echo: Echo, key: str
) -> None:
    ask = Ask().by(keys.text[key]) if key else Ask()
    assert connect(ask) == [{"type": "websocket.close", "code": 1008, "reason": ""}]
    assert not echo.served


@pytest.mark.parametrize(
    ("key", "expected"),
    [("", (401, "invalid_key")), ("expired", (401, "expired_key")), ("bound", (403, "ip_not_allowed"))],
)
def test_P07_where_the_server_can_it_is_refused_by_an_http_answer(
    connect: Callable[..., Messages], keys: Made, echo: Echo, key: str, expected: tuple[int, str]
) -> None:
    start, body = connect(Ask().by(keys.text[key]) if key else Ask(), **HTTP_ANSWERS)
    assert start["type"] == "websocket.http.response.start"
    assert (b"content-type", b"application/problem+json") in start["headers"]
    assert body["type"] == "websocket.http.response.body"
    assert (start["status"], json.loads(body["body"])["code"]) == expected
    assert not echo.served


def test_P07_the_rules_of_its_path_hold(connect: Callable[..., Messages], keys: Made) -> None:
    policy = Policy(
        public=("/healthz",),
        optional=("/feed",),
        rules=(Rule("/admin/*", permission="keys:manage"), Rule("/post", permission="x:y", methods=("POST",))),
    )

    def type_(target: str, key: str | None) -> str:
        ask = Ask(target=target) if key is None else Ask(target=target).by(keys.text[key])
        return connect(ask, policy)[0]["type"].removeprefix("websocket.")

    assert type_("/healthz", None) == type_("/feed", None) == "accept"
    assert type_("/healthz", "revoked") == "accept"
    assert type_("/feed", "revoked") == type_("//healthz", None) == type_("/x", None) == "close"
    assert (type_("/admin/x", "reader"), type_("/admin/x", "everything")) == ("close", "accept")
    assert type_("/post", "reader") == "accept"  # a WebSocket begins as a GET


def test_P07_plain_http_from_the_network_is_refused(connect: Callable[..., Messages], keys: Made) -> None:
    ask = Ask(peer="203.0.113.7").by(keys.text["good"])
    assert connect(ask._replace(scheme="ws"))[0]["type"] == "websocket.close"
    assert connect(ask._replace(scheme="ws"), **HTTP_ANSWERS)[0]["status"] == 403
    assert connect(ask._replace(scheme="wss"))[0]["type"] == "websocket.accept"


def test_a_preflight_is_no_websocket(connect: Callable[..., Messages]) -> None:
    ask = Ask(fields=(("origin", "https://app.example"), ("access-control-request-method", "GET")))
    assert connect(ask, Policy(preflight=True))[0]["type"] == "websocket.close"


def test_its_accept_carries_what_an_answer_would(connect: Callable[..., Messages], keys: Made) -> None:
    accepted = connect(Ask(scheme="wss").by(keys.text["rotated"]))[0]
    assert {name for name, _value in accepted["headers"]} == {
        b"cache-control",
        b"strict-transport-security",
        b"deprecation",
        b"sunset",
    }


@pytest.mark.parametrize("error", [InsufficientPermissions(), Unavailable()])
def test_a_refusal_by_the_app_before_it_accepts_is_answered(
    connect: Callable[..., Messages], keys: Made, echo: Echo, error: Any
) -> None:
    echo.raises = error
    assert connect(Ask().by(keys.text["good"])) == [{"type": "websocket.close", "code": 1008, "reason": ""}]
    start, body = connect(Ask().by(keys.text["good"]), **HTTP_ANSWERS)
    assert (start["status"], json.loads(body["body"])["code"]) == (error.status, error.code)


def test_a_refusal_by_the_app_after_it_has_accepted_is_the_servers_to_end(
    connect: Callable[..., Messages], keys: Made, echo: Echo
) -> None:
    echo.after_accepting = InsufficientPermissions()
    with pytest.raises(InsufficientPermissions):
        connect(Ask().by(keys.text["good"]))


@pytest.mark.parametrize("kind", ["lifespan"])
def test_P07_lifespan_passes_as_it_is(auth: Any, loop: Loop, kind: str) -> None:
    seen: list[Any] = []

    async def app(*passed: Any) -> None:
        seen.extend(passed)

    told = ({"type": kind}, object(), object())
    loop.run(AuthMiddleware(app, auth.awaited)(*told))  # type: ignore[arg-type]
    assert tuple(seen) == told
    assert seen[0] == {"type": kind}


@pytest.mark.parametrize("kind", ["", "HTTP", "http2", "webtransport", "websocket.connect", "tcp", None])
def test_P07_every_other_kind_is_refused(auth: Any, loop: Loop, echo: Echo, kind: Any) -> None:
    with pytest.raises(RuntimeError, match="lets nothing else through"):
        loop.run(AuthMiddleware(echo, auth.awaited)({"type": kind, "path": "/"}, None, None))  # type: ignore[arg-type]
    assert not echo.served


def test_starlettes_user_is_the_principal_and_an_outer_one_stays_where_nobody_had_to_say(
    connect: Callable[..., Messages], keys: Made, echo: Echo
) -> None:
    policy = Policy(public=("/healthz",))
    connect(Ask().by(keys.text["good"]), user="outer", auth="outer")
    assert echo.scope["user"] is echo.scope["auth"] is echo.scope["plexe_auth.principal"]
    connect(Ask(target="/healthz"), policy, user="outer", auth="outer")
    assert (echo.scope["user"], echo.scope["auth"], echo.scope["plexe_auth.principal"]) == ("outer", "outer", None)
    connect(Ask(target="/healthz"), policy)
    assert not echo.scope["user"].is_authenticated
    assert not list(echo.scope["auth"].scopes)
