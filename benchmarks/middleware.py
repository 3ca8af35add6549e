"""What a request pays for passing the gate: the same app bare and guarded, called in process without any server."""

import asyncio
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.finding import Finding, ratio
from benchmarks.interleaving import Timing, interleaved, interleaved_async
from plexe_auth import AsyncAuth, Auth, Policy, asgi, wsgi

TURNS = 10_000
POLICY = Policy(public=("/healthz",))
BARE, PUBLIC, GUARDED, REFUSED = "bare app", "guarded, public path", "guarded, good key", "guarded, malformed key"
VERIFY, FLOOR = "keys.verify alone", "SHA-256 of the key"


def middleware() -> list[Finding]:
    """Return what was found for WSGI and for ASGI."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'auth.db'}"
        with Auth.open(url) as auth:
            text = auth.keys.create("acct_42", name="CI").secret.reveal()
            blocking = interleaved(_wsgi(auth, text), TURNS)
        awaited = asyncio.run(_asgi(url, text))
    floor = interleaved({FLOOR: lambda: hashlib.sha256(text.encode()).digest()}, 1000, batch=100)
    how = "The app answers 2 bytes. The store is a SQLite file, so every good key is one read."
    return [_finding("WSGI", how, blocking + floor), _finding("ASGI", how, awaited + floor)]


def _finding(kind: str, how: str, timings: list[Timing]) -> Finding:
    medians = {one.name: one.median for one in timings}
    added = [f"{name} adds {medians[name] - medians[BARE]:.1f} µs to a request" for name in (PUBLIC, GUARDED, REFUSED)]
    ratios = [ratio(timings, GUARDED, VERIFY), ratio(timings, VERIFY, FLOOR)]
    return Finding(f"A request through the {kind} middleware", how, timings, ratios, added)


def _wsgi(auth: Auth, text: str) -> dict[str, Callable[[], object]]:
    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("content-type", "text/plain")])
        return [b"ok"]

    def start_response(_status: str, _headers: Any, _failed: Any = None) -> Any:
        return None

    def environ(path: str, **fields: str) -> dict[str, Any]:
        return {"REQUEST_METHOD": "GET", "PATH_INFO": path, "RAW_URI": path, "REMOTE_ADDR": "127.0.0.1", **fields}

    guard = wsgi.AuthMiddleware(app, auth, POLICY)
    return {
        BARE: lambda: app(environ("/models", HTTP_X_API_KEY=text), start_response),
        PUBLIC: lambda: guard(environ("/healthz", HTTP_X_API_KEY=text), start_response),
        GUARDED: lambda: guard(environ("/models", HTTP_X_API_KEY=text), start_response),
        REFUSED: lambda: guard(environ("/models", HTTP_X_API_KEY="plx_sk_nonsense"), start_response),
        VERIFY: lambda: auth.keys.verify(text),
    }


async def _asgi(url: str, text: str) -> list[Timing]:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"ok"})

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(_message: Any) -> None:
        pass

    def scope(path: str, key: str = text) -> dict[str, Any]:
        told = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "scheme": "http"}
        return told | {"client": ("127.0.0.1", 1), "headers": [(b"host", b"localhost"), (b"x-api-key", key.encode())]}

    async with AsyncAuth.open(url) as auth:
        guard = asgi.AuthMiddleware(app, auth, POLICY)
        subjects = {
            BARE: lambda: app(scope("/models"), receive, send),
            PUBLIC: lambda: guard(scope("/healthz"), receive, send),
            GUARDED: lambda: guard(scope("/models"), receive, send),
            REFUSED: lambda: guard(scope("/models", "plx_sk_nonsense"), receive, send),
            VERIFY: lambda: auth.keys.verify(text),
        }
        return await interleaved_async(subjects, TURNS)
