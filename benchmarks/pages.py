"""What a page of the Console costs beside the rendering of its template alone, in process and without any server.

The account is that of the demo: people, keys of every state, two days of requests. What is rendered alone is what the
page has just rendered, with the same values. The store is a SQLite file, and everything is on: the session is looked
up afresh, the visit is rated, and its entry of the access log is written and stored meanwhile.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from benchmarks.effort import Effort
from benchmarks.finding import Finding, Ratio
from benchmarks.interleaving import Timing, interleaved, interleaved_async
from plexe_auth import AsyncAuth, Auth, Settings
from plexe_auth.cli.seeding import EMAIL, Hands, Seeded, seed
from plexe_auth.console.look import Look
from plexe_auth.console.rendering import Renderer
from plexe_auth.console.site import Console, opened
from plexe_auth.model.cookie import NAME
from plexe_auth.web import asgi, wsgi

TURNS = 400
GOAL = 2.0
PAGES = (
    "/sign-in", "/sign-up", "/confirm", "/keys", "/keys/{id}", "/new-key", "/logs", "/usage", "/members",
    "/members/invitations", "/security", "/security/two-step", "/security/passkeys", "/security/linked",
    "/security/sessions",
)  # fmt: skip
SETTINGS = Settings(
    rate_storage="memory://", secret_keys=("a secret of this measurement alone",), hash_cost="insecure_tests"
)
HOST, PASSWORD = "localhost", "a long and lovely word"


class Drawing:
    """Remembers what a renderer was last asked to draw."""

    def __init__(self, draw: Renderer) -> None:
        self._text = draw.text
        self._asked: tuple[str, dict[str, Any]] = ("", {})
        draw.text = self._keep  # type: ignore[method-assign]

    def _keep(self, template: str, **values: Any) -> str:
        self._asked = (template, values)
        return self._text(template, **values)

    def alone(self) -> Callable[[], str]:
        """Return what draws that once more."""
        template, values = self._asked
        return lambda: self._text(template, **values)


def pages(effort: Effort) -> list[Finding]:
    """Return what was found for both mounts."""
    turns = effort.turns(TURNS)
    hands = Hands()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder, 'auth.db')}"
        with Auth.open(url, settings=SETTINGS, clock=hands) as auth:
            seeded = seed(auth, hands)
        with Auth.open(url, settings=SETTINGS) as auth:
            blocking = interleaved(_wsgi(auth, seeded), turns)
        awaited = asyncio.run(_asgi(url, seeded, turns))
    return [_finding("ASGI", awaited), _finding("WSGI", blocking)]


def _finding(kind: str, timings: list[Timing]) -> Finding:
    medians = {one.name: one.median for one in timings}
    ratios = [
        Ratio(f"{kind}: {path} ÷ its template alone", medians[path] / medians[_alone(path)], GOAL) for path in PAGES
    ]
    how = "Called in process by an owner who is signed in, in the account of the demo; the store is a SQLite file."
    return Finding(f"A page of the Console on {kind}", how, timings, ratios)


def _alone(path: str) -> str:
    return f"{path}, its template alone"


def _drawn(site: Console) -> Drawing:
    return Drawing(site._services.draw)  # noqa: SLF001


def _wsgi(auth: Auth, seeded: Seeded) -> dict[str, Callable[[], object]]:
    site = opened(auth.world, None, Look())
    app, drawing = wsgi.served(site), _drawn(site)
    result: Any = auth.sign_in.with_password(EMAIL, seeded.password.reveal())
    key = auth.keys.page(result.session.account_id, limit=1).items[0].id
    told = {"REQUEST_METHOD": "GET", "QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": HOST}
    told |= {"wsgi.url_scheme": "http", "HTTP_COOKIE": f"{NAME}={result.token.reveal()}", "SCRIPT_NAME": ""}
    begun: list[str] = []

    def start_response(status: str, *_more: Any) -> Any:
        begun.append(status)

    def asked(path: str) -> Callable[[], object]:
        environ = {**told, "PATH_INFO": path.format(id=key)}
        return lambda: app(environ.copy(), start_response)

    subjects: dict[str, Callable[[], object]] = {}
    for path in PAGES:
        subjects[path] = asked(path)
        subjects[path]()
        subjects[_alone(path)] = drawing.alone()
    assert {one[:3] for one in begun} == {"200"}
    return subjects


async def _asgi(url: str, seeded: Seeded, turns: int) -> list[Timing]:
    async with AsyncAuth.open(url, settings=SETTINGS) as auth:
        return await interleaved_async(await _subjects(auth, seeded), turns)


async def _subjects(auth: AsyncAuth, seeded: Seeded) -> dict[str, Callable[[], Awaitable[object]]]:
    site = opened(auth.world, None, Look())
    app, drawing = asgi.served(site), _drawn(site)
    result: Any = await auth.sign_in.with_password(EMAIL, seeded.password.reveal())
    key = (await auth.keys.page(result.session.account_id, limit=1)).items[0].id
    headers = [(b"host", HOST.encode()), (b"cookie", f"{NAME}={result.token.reveal()}".encode())]
    told = {"type": "http", "method": "GET", "query_string": b"", "scheme": "http", "client": ("127.0.0.1", 1)}
    begun: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        if "status" in message:
            begun.append(message["status"])

    def asked(path: str) -> Callable[[], Awaitable[None]]:
        there = path.format(id=key)
        scope = {**told, "path": there, "raw_path": there.encode(), "headers": headers}
        return lambda: app(scope.copy(), receive, send)

    def awaited(call: Callable[[], str]) -> Callable[[], Awaitable[object]]:
        async def drawn() -> str:
            return call()

        return drawn

    subjects: dict[str, Callable[[], Awaitable[object]]] = {}
    for path in PAGES:
        subjects[path] = asked(path)
        await subjects[path]()
        subjects[_alone(path)] = awaited(drawing.alone())
    assert set(begun) == {200}
    return subjects
