"""What the REST API adds to a bare call of the service: the gate, the route, what is read and what is written out.

In process, without any server. What is measured is the answering thread: the log is written, and nothing is stored
meanwhile, for the database is locked; so these are requests that read. What changes something waits for its commit.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from benchmarks.effort import Effort
from benchmarks.finding import Finding, Ratio
from benchmarks.interleaving import Timing, interleaved, interleaved_async
from benchmarks.locking import locked
from plexe_auth import AsyncAuth, Auth, Settings, manage

TURNS = 4_000
GOAL = 60.0
FLOOR, FLOORS = "SHA-256 of the key", 100
SHOW, LIST, ME = "GET /v1/api-keys/{id}", "GET /v1/api-keys?limit=20", "GET /v1/me"
BARE = {SHOW: "keys.get", LIST: "keys.page of 20", ME: "keys.verify"}
GOALS = dict.fromkeys((SHOW, LIST, ME), GOAL)
SETTINGS = Settings(rate_storage="memory://", spool_limit=1 << 30)


def managing(effort: Effort) -> list[Finding]:
    """Return what was found for both mounts."""
    turns = effort.turns(TURNS)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "auth.db"
        with Auth.open(f"sqlite:///{file}", settings=SETTINGS) as auth:
            text = auth.keys.create("acct_42", name="root", permissions="*:*").secret.reveal()
            one, *_more = (auth.keys.create("acct_42", name="CI").key.id for _ in range(40))
            auth.keys.verify(text)
            with locked(file):
                blocking = interleaved(_wsgi(auth, text, one), turns)
        awaited = asyncio.run(_asgi(file, turns, text, one))
    return [_finding("ASGI", awaited), _finding("WSGI", blocking)]


def _finding(kind: str, timings: list[Timing]) -> Finding:
    told = [one.shared(FLOORS) if one.name == FLOOR else one for one in timings]
    medians = {one.name: one.median for one in told}
    ratios = [
        Ratio(f"{kind}: {way}, less {bare} ÷ SHA-256", (medians[way] - medians[bare]) / medians[FLOOR], GOALS[way])
        for way, bare in BARE.items()
    ]
    how = "Called in process by a key that may do everything; the store is a SQLite file and the access log is written."
    return Finding(f"A request to the REST API on {kind}", how, told, ratios)


def _wsgi(auth: Auth, text: str, one: str) -> dict[str, Callable[[], object]]:
    app = manage.wsgi_app(auth)

    def start_response(_status: str, _headers: Any, _failed: Any = None) -> Any:
        return None

    def asked(path: str, query: str = "") -> Callable[[], object]:
        told: Any = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "RAW_URI": path, "QUERY_STRING": query}
        told |= {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_API_KEY": text}
        return lambda: app(told.copy(), start_response)

    return {
        SHOW: asked(f"/v1/api-keys/{one}"),
        BARE[SHOW]: lambda: auth.keys.get(one),
        LIST: asked("/v1/api-keys", "limit=20"),
        BARE[LIST]: lambda: auth.keys.page("acct_42", limit=20),
        ME: asked("/v1/me"),
        BARE[ME]: lambda: auth.keys.verify(text),
        FLOOR: lambda: _floors(text),
    }


async def _asgi(file: Path, turns: int, text: str, one: str) -> list[Timing]:
    async with AsyncAuth.open(f"sqlite:///{file}", settings=SETTINGS) as auth:
        await auth.keys.verify(text)
        with locked(file):
            return await interleaved_async(_subjects(auth, text, one), turns)


def _subjects(auth: AsyncAuth, text: str, one: str) -> dict[str, Callable[[], Awaitable[object]]]:
    app = manage.asgi_app(auth)

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(_message: Any) -> None:
        pass

    def asked(path: str, query: bytes = b"") -> Callable[[], Awaitable[None]]:
        told: Any = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query}
        told |= {"scheme": "http", "client": ("127.0.0.1", 1), "headers": [(b"x-api-key", text.encode())]}
        return lambda: app(told.copy(), receive, send)

    async def floors() -> None:
        _floors(text)

    return {
        SHOW: asked(f"/v1/api-keys/{one}"),
        BARE[SHOW]: lambda: auth.keys.get(one),
        LIST: asked("/v1/api-keys", b"limit=20"),
        BARE[LIST]: lambda: auth.keys.page("acct_42", limit=20),
        ME: asked("/v1/me"),
        BARE[ME]: lambda: auth.keys.verify(text),
        FLOOR: floors,
    }


def _floors(text: str) -> None:
    for _ in range(FLOORS):
        hashlib.sha256(text.encode()).digest()
