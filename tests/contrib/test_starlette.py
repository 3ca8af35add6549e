"""In a Starlette app `install` guards everything, and the principal is where Starlette looks for a user."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.authentication import requires as starlette_requires
from starlette.endpoints import HTTPEndpoint
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from plexe_auth import AuthError, ConfigurationError, NotFound, Policy, Rule
from plexe_auth.contrib.starlette import install, requires
from tests.contrib import starlette_app
from tests.contrib.behaviour import POLICY
from tests.contrib.world import World


def client(world: World, *routes: Route, policy: Policy = POLICY, **options: Any) -> TestClient:
    app = Starlette(routes=routes, **options)
    install(app, world.awaited, policy)
    return TestClient(app)


async def who(request: Request) -> JSONResponse:
    user = request.user
    return JSONResponse([user.is_authenticated, user.identity, user.display_name, [*request.auth.scopes]])


def test_request_user_and_request_auth_are_the_principal(world: World) -> None:
    get = client(world, Route("/me", who), Route("/healthz", who)).get
    principal = world.blocking.keys.verify(world.keys["reader"])
    assert get("/me", headers={"x-api-key": world.keys["reader"]}).json() == [
        True,
        principal.id,
        principal.id,
        ["read"],
    ]
    assert get("/healthz").json() == [False, "", "", []]


@pytest.mark.parametrize(
    ("scopes", "key", "status"),
    [
        ("read", "reader", 200),
        ("models:read", "reader", 200),
        ("models:read", "narrow", 200),
        ("read", "narrow", 403),
        (["read", "write"], "reader", 403),
        (["read", "write"], "writer", 200),
        ("keys:manage", "writer", 403),
        ("keys:manage", "admin", 200),
        ("read", None, 403),
    ],
)
def test_the_decorator_of_starlette_itself_asks_what_the_key_covers(
    world: World, scopes: str | list[str], key: str | None, status: int
) -> None:
    policy = Policy(rules=(Rule("/models", permission="models:read"),), optional=("/models",))
    get = client(world, Route("/models", starlette_requires(scopes)(who)), policy=policy).get
    assert get("/models", headers={"x-api-key": world.keys[key]} if key else {}).status_code == status


class Endpoint(HTTPEndpoint):
    @requires("models:write")
    async def get(self, request: Request) -> Response:
        return PlainTextResponse("let in")


@requires("models:write")
def blocking(request: Request) -> Response:
    return PlainTextResponse("let in")


@pytest.mark.parametrize("endpoint", [Endpoint, blocking])
def test_methods_and_blocking_endpoints_can_demand(world: World, endpoint: Callable[..., Any]) -> None:
    get = client(world, Route("/strict", endpoint)).get
    assert get("/strict", headers={"x-api-key": world.keys["writer"]}).text == "let in"
    assert get("/strict", headers={"x-api-key": world.keys["reader"]}).json()["code"] == "insufficient_permissions"


def test_what_takes_no_request_cannot_demand(loop: Any) -> None:
    decorated = requires("read")(lambda number: number)
    with pytest.raises(ConfigurationError, match="takes a request"):
        loop.run(decorated(number=1))


def test_without_a_gate_a_demand_tells_the_programmer(world: World) -> None:
    get = TestClient(Starlette(routes=[Route("/strict", blocking)])).get
    with pytest.raises(ConfigurationError, match="install"):
        get("/strict", headers={"x-api-key": world.keys["admin"]})


def test_the_awaited_face_is_asked_for_at_once(world: World) -> None:
    with pytest.raises(TypeError):
        install(Starlette(), world.blocking)  # type: ignore[arg-type]


def test_a_started_app_can_no_longer_be_guarded(world: World) -> None:
    app = Starlette()
    TestClient(app).get("/")
    with pytest.raises(RuntimeError):
        install(app, world.awaited)


async def swallow(request: Request, call_next: Callable[[Request], Any]) -> Response:
    try:
        return await call_next(request)
    except Exception:
        return PlainTextResponse("swallowed")


def test_a_middleware_within_does_not_swallow_refusals(world: World) -> None:
    app = starlette_app.create_app(None)
    app.add_middleware(BaseHTTPMiddleware, dispatch=swallow)
    install(app, world.awaited)
    got = TestClient(app).get("/refuse/expired", headers={"x-api-key": world.keys["reader"]})
    assert (got.status_code, got.json()["code"]) == (401, "expired_key")


def test_a_handler_for_all_errors_and_debug_pages_do_not_swallow_refusals(world: World) -> None:
    async def refuse(request: Request) -> Response:
        raise NotFound

    handlers = {Exception: lambda request, error: PlainTextResponse("swallowed")}
    get = client(world, Route("/refuse", refuse), debug=True, exception_handlers=handlers).get
    assert get("/refuse", headers={"x-api-key": world.keys["reader"]}).json()["code"] == "not_found"


def test_the_host_may_answer_refusals_of_its_handlers_itself(world: World) -> None:
    async def ours(request: Request, error: Exception) -> Response:
        return PlainTextResponse("ours", status_code=418)

    async def refuse(request: Request) -> Response:
        raise NotFound

    get = client(world, Route("/refuse", refuse), exception_handlers={AuthError: ours}).get
    assert get("/refuse", headers={"x-api-key": world.keys["reader"]}).text == "ours"
    assert get("/refuse").json()["code"] == "invalid_key"


def test_a_layer_for_cors_that_is_added_later_stands_outside(world: World) -> None:
    app = starlette_app.create_app(world.awaited, POLICY)
    app.add_middleware(CORSMiddleware, allow_origins=["https://console.test"], allow_headers=["x-api-key"])
    asked = {"origin": "https://console.test", "access-control-request-method": "GET"}
    assert TestClient(app).options("/models", headers=asked).status_code == 200
    refused = TestClient(app).get("/models", headers={"origin": "https://console.test"})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, "https://console.test")


def test_P07_lifespan_passes_without_credentials(world: World) -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        seen.append("up")
        yield
        seen.append("down")

    with client(world, Route("/me", who), lifespan=lifespan) as started:
        assert started.get("/me").status_code == 401
    assert seen == ["up", "down"]
