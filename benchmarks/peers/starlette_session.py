"""Starlette's session middleware: a signed cookie read for an app that looks who it is. Nothing can be revoked."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterable
from typing import Any

import itsdangerous
from starlette.middleware.sessions import SessionMiddleware

from benchmarks.peers.protocol import serve_awaited

SECRET = "for measuring only"


async def app(scope: Any, _receive: Any, _send: Any) -> None:
    """Look who it is, and answer nothing: the answer's cookie is no part of verifying."""
    if scope["session"]["user_id"] != "ada":
        raise SystemExit("Starlette refused its own cookie")


async def peer() -> None:
    """Read the cookie over and over."""
    data = b64encode(json.dumps({"user_id": "ada"}).encode())
    cookie = b"session=" + itsdangerous.TimestampSigner(SECRET).sign(data)
    middleware = SessionMiddleware(app, secret_key=SECRET)

    async def many(turns: Iterable[int]) -> None:
        for _ in turns:
            await middleware({"type": "http", "headers": [(b"cookie", cookie)]}, receive, send)

    await serve_awaited(many)


async def receive() -> Any:
    """Say that there is no body."""
    return {"type": "http.request"}


async def send(_message: Any) -> None:
    """Take an answer."""


if __name__ == "__main__":
    asyncio.run(peer())
