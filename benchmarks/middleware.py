"""What a request pays for passing the gate: the same app bare and guarded, called in process without any server.

Everything is on: the key has a rate that is counted in memory, and the access log, by which usage is counted, is
written. A session has no rate of its own. What is measured is the answering thread: nothing is stored meanwhile, for
the database is locked.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import Awaitable, Callable
from itertools import product
from pathlib import Path
from typing import Any

from benchmarks import least
from benchmarks.effort import Effort
from benchmarks.finding import Finding, Ratio
from benchmarks.interleaving import Timing, interleaved, interleaved_async
from benchmarks.load.fronts import HEADER, PASSED_ON
from benchmarks.locking import locked
from plexe_auth import AsyncAuth, Auth, Policy, Settings, asgi, wsgi
from plexe_auth.model.cookie import NAME

TURNS, BATCH = 4_000, 10
GOALS = {"ASGI": 14.0}
SETTINGS = Settings(rate_storage="memory://", spool_limit=1 << 30)
RATE = "1000000/second"  # never reached: a refusal would cost something else
POLICY = Policy(public=("/healthz",), rate_headers=False)
TELLING = Policy(public=("/healthz",))
BARE, PUBLIC, REFUSED = "bare app", "guarded, public path", "guarded, malformed key"
GUARDED, TOLD = "guarded, good key", "guarded, RateLimit fields sent"
COOKIE, CHANGE = "guarded, good cookie", "guarded, good cookie, POST from our own page"
LEAST = "the least that does the same"
STEPS = (PASSED_ON, HEADER, PUBLIC, GUARDED, LEAST, TOLD, COOKIE, CHANGE, REFUSED)
ALONE = (BARE, GUARDED, LEAST, REFUSED)
VERIFY, FLOOR = "keys.verify alone", "SHA-256 of the key"
FLOORS = 100  # in one call: a single one is too short

HERE, OURS = "127.0.0.1", "http://api.example.com"
MALFORMED = "plx_sk_nonsense"
EMAIL, PASSWORD = "ada@example.com", "a long and lovely word"
FIELDS = {
    "host": "api.example.com",
    "user-agent": "python-requests/2.32.3",
    "accept": "*/*",
    "accept-encoding": "gzip, deflate",
    "connection": "keep-alive",
    "content-type": "application/json",
    "x-request-id": "7b0f1c9e4d5a4f0c8a52",
}


def middleware(effort: Effort) -> list[Finding]:
    """Return what was found for ASGI and for WSGI."""
    turns = effort.turns(TURNS)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "auth.db"
        with Auth.open(f"sqlite:///{file}", settings=SETTINGS) as auth:
            key = auth.keys.create("acct_42", name="CI", rate=RATE).secret.reveal()
            auth.keys.verify(key)
            auth.users.create(EMAIL, PASSWORD)
            token = auth.sign_in.with_password(EMAIL, PASSWORD).token.reveal()
            auth.sessions.verify(token)
            with locked(file):
                subjects = _wsgi(auth, key, token)
                blocking = interleaved(subjects, turns, batch=BATCH, lead=BATCH)
                alone = interleaved({name: subjects[name] for name in ALONE}, turns)
        awaited = asyncio.run(_asgi(file, turns, key, token))
    return [_finding("ASGI", *awaited), _finding("WSGI", blocking, alone)]


def _finding(kind: str, timings: list[Timing], alone: list[Timing]) -> Finding:
    told = [one.shared(FLOORS) if one.name == FLOOR else one for one in timings]
    medians = {one.name: one.median for one in told}
    adds = {name: medians[name] - medians[BARE] for name in STEPS}
    goals, floors = {GUARDED: GOALS.get(kind)}, {GUARDED: adds.pop(LEAST) / medians[FLOOR]}
    ratios = [
        Ratio(
            f"{kind}: {name}, less the bare app ÷ SHA-256",
            more / medians[FLOOR],
            goals.get(name),
            floor=floors.get(name),
        )
        for name, more in adds.items()
    ]
    single = {one.name: one.median for one in alone}
    alike, little = ((single[name] - single[BARE]) / medians[FLOOR] for name in (GUARDED, LEAST))
    ratios.append(Ratio(f"{kind}: {GUARDED}, a single one after others, likewise", alike, floor=little))
    how = (
        "The app answers 2 bytes, the request has 8 header fields, the store is a SQLite file, the key has a rate "
        "that is counted in memory, the log is written; storing it is measured below. A session's cookie comes "
        "after another one, and has no rate. The least that does the same is the floor: one function, for one key "
        "and one path. What only passes on calls the app and nothing else; what adds one header adds the one that ours "
        "does; on a public path ours reads the request and decides nothing. Each sample is the mean of ten requests "
        "after ten others of the same kind, as where a server has nothing else to do. A single one after others of "
        "another kind, as in a server that has, first has to bring its code back into the processor's caches; it is "
        "told by itself."
    )
    notes = [f"{name} adds {more:.1f} µs to a request" for name, more in adds.items()]
    return Finding(f"A request through the {kind} middleware", how, told, ratios, notes)


def _floors(text: str) -> Callable[[], None]:
    sha256 = hashlib.sha256

    def floors() -> None:
        for _ in range(FLOORS):
            sha256(text.encode()).digest()

    return floors


def _addresses() -> Callable[[], str]:
    """Return what gives another address each time: one that sends many bad keys is soon refused for that alone."""
    return map("127.{0[0]}.{0[1]}.{0[2]}".format, product(range(1, 255), repeat=3)).__next__


def _cookie(token: str) -> str:
    return f"theme=dark; {NAME}={token}"


def _wsgi(auth: Auth, text: str, token: str) -> dict[str, Callable[[], object]]:
    def app(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("content-type", "text/plain")])
        return [b"ok"]

    def start_response(_status: str, _headers: Any, _failed: Any = None) -> Any:
        return None

    def environ(path: str, key: str = text, client: str = HERE) -> dict[str, Any]:
        told = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "RAW_URI": path, "REMOTE_ADDR": client}
        return told | fields | {"HTTP_X_API_KEY": key}

    def by_cookie(**more: str) -> dict[str, Any]:
        told = {"REQUEST_METHOD": "GET", "PATH_INFO": "/models", "RAW_URI": "/models", "REMOTE_ADDR": HERE}
        return told | fields | {"HTTP_COOKIE": cookie, **more}

    others, cookie = _addresses(), _cookie(token)
    fields = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in FIELDS.items()}
    little = least.wsgi(app, least.judging(text))
    passed_on, adding = least.handing_on(app), least.handing_on(app, least.PRIVATE)
    guard, telling = (wsgi.AuthMiddleware(app, auth, policy) for policy in (POLICY, TELLING))
    return {
        BARE: lambda: app(environ("/models"), start_response),
        PUBLIC: lambda: guard(environ("/healthz"), start_response),
        GUARDED: lambda: guard(environ("/models"), start_response),
        LEAST: lambda: little(environ("/models"), start_response),
        PASSED_ON: lambda: passed_on(environ("/models"), start_response),
        HEADER: lambda: adding(environ("/models"), start_response),
        TOLD: lambda: telling(environ("/models"), start_response),
        COOKIE: lambda: guard(by_cookie(), start_response),
        CHANGE: lambda: guard(by_cookie(REQUEST_METHOD="POST", HTTP_ORIGIN=OURS), start_response),
        REFUSED: lambda: guard(environ("/models", MALFORMED, others()), start_response),
        VERIFY: lambda: auth.keys.verify(text, permission="read"),
        FLOOR: _floors(text),
    }


async def _asgi(file: Path, turns: int, text: str, token: str) -> tuple[list[Timing], list[Timing]]:
    async with AsyncAuth.open(f"sqlite:///{file}", settings=SETTINGS) as auth:
        await auth.keys.verify(text)
        await auth.sessions.verify(token)
        with locked(file):
            subjects = _asgi_subjects(auth, text, token)
            warm = await interleaved_async(subjects, turns, batch=BATCH, lead=BATCH)
            return warm, await interleaved_async({name: subjects[name] for name in ALONE}, turns)


def _asgi_subjects(auth: AsyncAuth, text: str, token: str) -> dict[str, Callable[[], Awaitable[object]]]:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b"ok"})

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(_message: Any) -> None:
        pass

    def scope(path: str, key: str = text, client: str = HERE) -> dict[str, Any]:
        told = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "scheme": "http"}
        return told | {"client": (client, 1), "headers": [*fields, (b"x-api-key", key.encode())]}

    def by_cookie(method: str, *more: tuple[bytes, bytes]) -> dict[str, Any]:
        told = {"type": "http", "method": method, "path": "/models", "raw_path": b"/models", "scheme": "http"}
        return told | {"client": (HERE, 1), "headers": [*fields, (b"cookie", cookie), *more]}

    async def floors() -> None:
        blocking()

    blocking, others, cookie = _floors(text), _addresses(), _cookie(token).encode()
    fields = [(name.encode(), value.encode()) for name, value in FIELDS.items()]
    little = least.asgi(app, least.judging(text))
    passed_on, adding = least.passing_on(app), least.passing_on(app, least.PRIVATE_FIELD)
    guard, telling = (asgi.AuthMiddleware(app, auth, policy) for policy in (POLICY, TELLING))
    return {
        BARE: lambda: app(scope("/models"), receive, send),
        PUBLIC: lambda: guard(scope("/healthz"), receive, send),
        GUARDED: lambda: guard(scope("/models"), receive, send),
        LEAST: lambda: little(scope("/models"), receive, send),
        PASSED_ON: lambda: passed_on(scope("/models"), receive, send),
        HEADER: lambda: adding(scope("/models"), receive, send),
        TOLD: lambda: telling(scope("/models"), receive, send),
        COOKIE: lambda: guard(by_cookie("GET"), receive, send),
        CHANGE: lambda: guard(by_cookie("POST", (b"origin", OURS.encode())), receive, send),
        REFUSED: lambda: guard(scope("/models", MALFORMED, others()), receive, send),
        VERIFY: lambda: auth.keys.verify(text, permission="read"),
        FLOOR: floors,
    }
