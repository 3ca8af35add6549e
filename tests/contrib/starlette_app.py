"""The small app in Starlette."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from plexe_auth import AsyncAuth, Policy
from plexe_auth.contrib.starlette import install, requires
from tests.contrib.behaviour import REFUSALS, STATIC


def create_app(auth: AsyncAuth | None, policy: Policy | None = None) -> Starlette:
    """Return the app, guarded unless `auth` is ``None``."""
    paths = ("/admin/users", "/optional", "/healthz")
    app = Starlette(routes=[Route("/models", who, methods=["GET", "POST"]), *(Route(path, who) for path in paths)])
    if auth is not None:
        install(app, auth, policy)
    app.routes.extend(
        [
            Route("/refuse/{what}", refuse),
            Route("/broken", broken),
            Route("/strict", strict),
            Route("/healthz/strict", strict),
            WebSocketRoute("/feed", feed),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]
    )
    return app


async def who(request: Request) -> PlainTextResponse:
    principal = request["plexe_auth.principal"]
    return PlainTextResponse("nobody" if principal is None else principal.account_id)


async def refuse(request: Request) -> PlainTextResponse:
    raise REFUSALS[request.path_params["what"]]()


def broken(request: Request) -> PlainTextResponse:
    raise RuntimeError("the app is broken")


@requires("models:write")
async def strict(request: Request) -> PlainTextResponse:
    return await who(request)


@requires("models:write")
async def feed(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()
