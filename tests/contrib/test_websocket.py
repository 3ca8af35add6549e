"""A WebSocket is judged before it is accepted, by the gate and by what its endpoint demands."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from plexe_auth import ConfigurationError, NotFound, Policy, Principal, Rule
from plexe_auth.contrib import fastapi, starlette
from tests.contrib.world import World
from tests.faces import Loop

POLICY = Policy(public=("/public", "/public/*"), rules=(Rule("/admin", permission="admin:write"),))

accepted: list[str] = []


async def feed(websocket: WebSocket) -> None:
    await websocket.accept()
    accepted.append(websocket.url.path)
    await websocket.send_text("nobody" if websocket["plexe_auth.principal"] is None else "acct_42")
    await websocket.close()


async def refusing(websocket: WebSocket) -> None:
    raise NotFound


async def refusing_late(websocket: WebSocket) -> None:
    await websocket.accept()
    raise NotFound


class Strict(WebSocketEndpoint):
    @starlette.requires("feeds:write")
    async def on_connect(self, websocket: WebSocket) -> None:
        await feed(websocket)


PATHS = {
    "/feed": feed,
    "/admin": feed,
    "/public": feed,
    "/refusing": refusing,
    "/late": refusing_late,
}


def starlette_app() -> Starlette:
    routes = [WebSocketRoute(path, endpoint) for path, endpoint in PATHS.items()]
    routes += [WebSocketRoute(path, starlette.requires("feeds:write")(feed)) for path in ("/strict", "/public/strict")]
    return Starlette(routes=[*routes, WebSocketRoute("/class", Strict)])


def fastapi_app() -> FastAPI:
    app = FastAPI()
    for path, endpoint in PATHS.items():
        app.add_api_websocket_route(path, endpoint)

    @app.websocket("/class")
    @app.websocket("/strict")
    @app.websocket("/public/strict")
    async def strict(
        websocket: WebSocket, principal: Annotated[Principal, Depends(fastapi.requires("feeds:write"))]
    ) -> None:
        await feed(websocket)

    return app


BUILDERS = pytest.mark.parametrize("build", [starlette_app, fastapi_app])


def installed(build: Callable[[], Starlette], world: World) -> TestClient:
    accepted.clear()
    app = build()
    starlette.install(app, world.awaited, POLICY)
    return TestClient(app)


def answered(client: TestClient, path: str, key: str | None, world: World) -> Any:
    """What the socket says first, or the status and code with which it was refused."""
    try:
        with client.websocket_connect(path, headers={"x-api-key": world.keys[key]} if key else {}) as websocket:
            return websocket.receive_text()
    except WebSocketDenialResponse as refused:
        return refused.status_code, refused.json()["code"]


TABLE = [
    ("/feed", None, (401, "invalid_key")),
    ("/feed", "revoked", (401, "revoked_key")),
    ("/feed", "narrow", (403, "insufficient_permissions")),
    ("/feed", "reader", "acct_42"),
    ("/admin", "reader", (403, "insufficient_permissions")),
    ("/admin", "writer", "acct_42"),
    ("/public", "revoked", "nobody"),
    ("/strict", None, (401, "invalid_key")),
    ("/strict", "reader", (403, "insufficient_permissions")),
    ("/strict", "writer", "acct_42"),
    ("/class", "reader", (403, "insufficient_permissions")),
    ("/class", "writer", "acct_42"),
    ("/public/strict", "writer", (401, "invalid_key")),
    ("/refusing", "reader", (404, "not_found")),
    ("/nowhere", None, (401, "invalid_key")),
]


@BUILDERS
def test_P07_a_websocket_is_judged_before_it_is_accepted(build: Callable[[], Starlette], world: World) -> None:
    client = installed(build, world)
    got = {row[:2]: answered(client, row[0], row[1], world) for row in TABLE}
    assert got == {row[:2]: row[2] for row in TABLE}
    assert accepted == [path for path, _key, answer in TABLE if isinstance(answer, str)]


@BUILDERS
def test_P07_a_refusal_of_a_websocket_has_all_that_one_of_a_request_has(
    build: Callable[[], Starlette], world: World
) -> None:
    client = installed(build, world)
    with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect("/public/strict"):
        pass
    assert refused.value.headers["www-authenticate"] == 'ApiKey realm="api", header="x-api-key"'
    assert refused.value.headers["cache-control"] == "no-store"


@BUILDERS
@pytest.mark.parametrize("path", ["/feed", "/strict", "/refusing"])
def test_P07_a_server_that_offers_no_http_answer_closes_the_handshake(
    build: Callable[[], Starlette], path: str, world: World, loop: Loop
) -> None:
    key = world.keys["revoked" if path == "/feed" else "reader"].encode()
    scope = {"type": "websocket", "path": path, "query_string": b"", "headers": [(b"x-api-key", key)]}
    sent: list[Any] = []

    async def connect() -> None:
        async def receive() -> Any:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await installed(build, world).app(scope, receive, send)

    loop.run(connect())
    assert [(message["type"], message["code"]) for message in sent] == [("websocket.close", 1008)]


@BUILDERS
def test_P07_a_mounted_app_refuses_before_accepting_too(build: Callable[[], Starlette], world: World) -> None:
    accepted.clear()
    app = Starlette()
    starlette.install(app, world.awaited, POLICY)
    app.mount("/sub", build())
    client = TestClient(app)
    assert answered(client, "/sub/strict", "reader", world) == (403, "insufficient_permissions")
    assert answered(client, "/sub/refusing", "reader", world) == (404, "not_found")
    assert accepted == []


@BUILDERS
def test_P07_without_a_gate_a_websocket_with_a_demand_is_not_accepted(
    build: Callable[[], Starlette], world: World
) -> None:
    accepted.clear()
    with pytest.raises(ConfigurationError, match="install"):
        answered(TestClient(build()), "/strict", "admin", world)
    assert accepted == []


@BUILDERS
def test_P07_a_refusal_after_acceptance_ends_the_websocket(build: Callable[[], Starlette], world: World) -> None:
    client = installed(build, world)
    with (
        pytest.raises((NotFound, WebSocketDisconnect)),
        client.websocket_connect("/late", headers={"x-api-key": world.keys["reader"]}) as websocket,
    ):
        websocket.receive_text()
