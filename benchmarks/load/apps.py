"""The apps that are loaded, each of one route. The environment of the server's process says which, and behind what."""

import os
from typing import Any

from benchmarks.load import clocked, fronts

APP, FRONT, TIMES = "BENCHMARK_APP", "BENCHMARK_FRONT", "BENCHMARK_TIMES"


def made() -> Any:
    """Return the app that is asked for behind what is asked for; timed, where a file for the times is named."""
    name, front, times = os.environ[APP], os.environ[FRONT], os.environ.get(TIMES)
    kinds, timed = (fronts.WSGI, clocked.wsgi) if name == "plain" else (fronts.ASGI, clocked.asgi)
    app = _APPS[name]()
    return timed(kinds[front], app, clocked.Samples(times)) if times else kinds[front](app)


def _starlette() -> Any:
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def models(_request: Any) -> JSONResponse:
        return JSONResponse({"ok": True})

    return Starlette(routes=[Route(fronts.PATH, models)])


def _fastapi() -> Any:
    from fastapi import FastAPI

    app = FastAPI()

    @app.get(fronts.PATH)
    async def models() -> dict[str, bool]:
        return {"ok": True}

    return app


def _plain() -> Any:
    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("content-type", "application/json"), ("content-length", "11")])
        return [b'{"ok":true}']

    return app


_APPS = {"starlette": _starlette, "fastapi": _fastapi, "plain": _plain}
