"""The apps that are loaded, each bare or guarded. The environment of the server's process says where the keys are."""

import os
from typing import Any

from benchmarks import least
from plexe_auth import AsyncAuth, Auth, Policy, Settings, asgi, wsgi

URL, KEY = "BENCHMARK_URL", "BENCHMARK_KEY"
PATH = "/models"
POLICY = Policy(public=("/healthz",), rate_headers=False)
TELLING = Policy(public=("/healthz",))
SETTINGS = Settings(rate_storage="memory://", log_storer="process")


def starlette() -> Any:
    """Return a Starlette app of one route."""
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def models(_request: Any) -> JSONResponse:
        return JSONResponse({"ok": True})

    return Starlette(routes=[Route(PATH, models)])


def fastapi() -> Any:
    """Return a FastAPI app of one route."""
    from fastapi import FastAPI

    app = FastAPI()

    @app.get(PATH)
    async def models() -> dict[str, bool]:
        return {"ok": True}

    return app


def plain() -> Any:
    """Return a WSGI app of a few lines."""

    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("content-type", "application/json"), ("content-length", "11")])
        return [b'{"ok":true}']

    return app


def least_starlette() -> Any:
    """Return the Starlette app behind the least that does the same, but for storing."""
    return least.asgi(starlette(), least.verifying(os.environ[KEY], counts=True))


def passed_on_starlette() -> Any:
    """Return the Starlette app behind what only passes on."""
    return least.passing_on(starlette())


def with_header_starlette() -> Any:
    """Return the Starlette app behind what adds the header that ours has."""
    return least.passing_on(starlette(), (b"cache-control", b"no-store"))


def public_starlette() -> Any:
    """Return the Starlette app behind our middleware, on a path where nobody is asked for."""
    public = Policy(public=(PATH,), rate_headers=False)
    return asgi.AuthMiddleware(starlette(), AsyncAuth.open(os.environ[URL], settings=SETTINGS), public)


def least_telling_starlette() -> Any:
    """Return the same, which tells how rates stand."""
    return least.asgi(starlette(), least.verifying(os.environ[KEY], counts=True), tells=True)


def least_fastapi() -> Any:
    """Return the FastAPI app behind that."""
    return least.asgi(fastapi(), least.verifying(os.environ[KEY], counts=True))


def least_plain() -> Any:
    """Return the WSGI app behind that."""
    return least.wsgi(plain(), least.verifying(os.environ[KEY], counts=True))


def guarded_starlette() -> Any:
    """Return the Starlette app behind our middleware."""
    return asgi.AuthMiddleware(starlette(), AsyncAuth.open(os.environ[URL], settings=SETTINGS), POLICY)


def telling_starlette() -> Any:
    """Return the Starlette app behind our middleware, which tells how rates stand."""
    return asgi.AuthMiddleware(starlette(), AsyncAuth.open(os.environ[URL], settings=SETTINGS), TELLING)


def guarded_fastapi() -> Any:
    """Return the FastAPI app behind our middleware."""
    return asgi.AuthMiddleware(fastapi(), AsyncAuth.open(os.environ[URL], settings=SETTINGS), POLICY)


def guarded_plain() -> Any:
    """Return the WSGI app behind our middleware."""
    return wsgi.AuthMiddleware(plain(), Auth.open(os.environ[URL], settings=SETTINGS), POLICY)
