"""Real servers in threads of the test's own, so that a test sees what reached them and turns their clock."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from uvicorn import Config, Server
from waitress import wasyncore
from waitress.server import create_server

from plexe_auth import AsyncAuth, Auth, Policy, asgi, wsgi

Seen = list[tuple[str, str, dict[str, str]]]
"""Method, path and fields of each request that came, in order."""

_ANY_SIZE = 1 << 30

Said = tuple[int, dict[str, str], bytes]


@contextmanager
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@contextmanager
def by_waitress(app: Any) -> Iterator[str]:
    """The URL of a WSGI app."""
    with listening() as listener, waitress_on(listener, app):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def waitress_on(listener: socket.socket, app: Any) -> Iterator[None]:
    """Have a WSGI app answer on a socket."""
    # An answer that somebody hung up on would lie in a file that nobody closes; so it stays in memory.
    server: Any = create_server(
        app,
        sockets=[listener],
        clear_untrusted_proxy_headers=False,
        outbuf_overflow=_ANY_SIZE,
        inbuf_overflow=_ANY_SIZE,
    )
    running = threading.Thread(target=server.run)
    running.start()
    try:
        yield
    finally:
        with suppress(OSError):  # the loop may have closed everything before it was even woken
            server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))  # within it, which then ends
        running.join()
        server.task_dispatcher.shutdown()


@contextmanager
def by_uvicorn(app: Callable[[AsyncAuth], Any], url: str, clock: Any) -> Iterator[str]:
    """The URL of an ASGI app that is made with an auth of the server's own loop."""
    with listening() as listener, uvicorn_on(listener, app, lambda: AsyncAuth.open(url, clock=clock)):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def uvicorn_on(
    listener: socket.socket, app: Callable[[AsyncAuth], Any], opened: Callable[[], AsyncAuth]
) -> Iterator[None]:
    """Have an ASGI app, made with an auth that is opened in the server's own loop, answer on a socket."""
    servers: list[Server] = []
    began = threading.Event()

    async def main() -> None:
        async with opened() as auth:
            servers.append(Server(Config(app(auth), log_level="error", lifespan="off", ws="none")))
            began.set()
            await servers[0].serve([listener])

    running = threading.Thread(target=lambda: asyncio.run(main()))
    running.start()
    began.wait()
    try:
        yield
    finally:
        servers[0].should_exit = True
        running.join()


POLICY = Policy(public=("/moved/*",))
PATHS = {"/moved/here": "/models", "/moved/round": "/moved/round"}


def target(path: str, query: str) -> str:
    """Where a path of the small API sends a client: to the URL in the query, or to a path of its own."""
    return query if path == "/moved/away" else PATHS[path]


def guarded_wsgi(auth: Auth, seen: Seen) -> Any:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/moved/"):
            start_response("307 Moved", [("location", target(path, environ["QUERY_STRING"])), ("content-length", "0")])
            return [b""]
        body = environ["plexe_auth.principal"].account_id.encode()
        start_response("200 OK", [("content-type", "text/plain"), ("content-length", str(len(body)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    guarded = wsgi.AuthMiddleware(app, auth, POLICY)

    def watched(environ: Any, start_response: Any) -> Any:
        seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], _fields(environ)))
        return guarded(environ, start_response)

    return watched


def guarded_asgi(auth: AsyncAuth, seen: Seen) -> Any:
    async def app(scope: Any, _receive: Any, send: Any) -> None:
        moved = scope["path"].startswith("/moved/")
        body = b"" if moved else scope["plexe_auth.principal"].account_id.encode()
        headers = [(b"content-length", str(len(body)).encode())]
        if moved:
            headers.append((b"location", target(scope["path"], scope["query_string"].decode()).encode()))
        await send({"type": "http.response.start", "status": 307 if moved else 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    guarded = asgi.AuthMiddleware(app, auth, POLICY)

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            seen.append((scope["method"], scope["path"], {n.decode(): v.decode() for n, v in scope["headers"]}))
        await guarded(scope, receive, send)

    return watched


def saying(answers: list[Said], seen: Seen) -> Any:
    """A WSGI app that says one thing after the other, the last one again and again."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], _fields(environ)))
        environ["wsgi.input"].read()
        status, fields, body = answers.pop(0) if len(answers) > 1 else answers[0]
        body = b"" if environ["REQUEST_METHOD"] == "HEAD" else body
        start_response(f"{status} Said", list(({"content-length": str(len(body))} | fields).items()))
        return [body]

    return app


def _fields(environ: dict[str, Any]) -> dict[str, str]:
    return {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
