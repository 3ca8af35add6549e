"""One tiny app behind each shim, under several policies; the field `x-policy` says which."""

import json
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from typing import Any

from plexe_auth import AsyncAuth, Auth, Conflict, Policy, Rule, Settings, asgi, wsgi

PLAIN = {
    "public": ("/healthz", "/docs/*", "/raise"),
    "optional": ("/feed",),
    "rules": (Rule("/admin/*", permission="keys:manage"), Rule("/files/*", resource="files")),
}
UNTHROTTLED = Settings(failure_rate="1000000/second")  # all that is refused here comes from one address
POLICIES = {
    "plain": Policy(**PLAIN),
    "bearer": Policy(**PLAIN, bearer=True),
    "preflight": Policy(**PLAIN, preflight=True),
    "proxied": Policy(**PLAIN, trusted_proxies=("127.0.0.1", "10.0.0.0/8")),
    "redirect": Policy(**PLAIN, trusted_proxies=("127.0.0.1",), https="redirect"),
}


def wsgi_app(url: str) -> Callable[..., Iterable[bytes]]:
    """The app over the database at `url`, for WSGI servers."""
    auth = Auth.open(url, settings=UNTHROTTLED)
    guarded = {name: wsgi.AuthMiddleware(_tiny_wsgi, auth, policy) for name, policy in POLICIES.items()}

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        return guarded[environ.get("HTTP_X_POLICY", "plain")](environ, start_response)

    return app


def asgi_app(url: str) -> asgi.App:
    """The app over the database at `url`, for ASGI servers; it opens and closes with its server."""
    auth = AsyncAuth.open(url, settings=UNTHROTTLED)
    guarded = {name: asgi.AuthMiddleware(_Tiny(auth), auth, policy) for name, policy in POLICIES.items()}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        name = dict(scope.get("headers", ())).get(b"x-policy", b"plain").decode()
        await guarded[name](scope, receive, send)

    return app


def _told(path: str, method: str, principal: Any) -> bytes:
    if path == "/raise":
        raise Conflict
    who = None if principal is None else principal.id
    return json.dumps({"principal": who, "path": path, "method": method}).encode()


def _tiny_wsgi(environ: Any, start_response: Any) -> Iterable[bytes]:
    body = _told(environ["PATH_INFO"], environ["REQUEST_METHOD"], environ["plexe_auth.principal"])
    start_response("200 OK", [("content-type", "application/json"), ("content-length", str(len(body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


class _Tiny:
    def __init__(self, auth: AsyncAuth) -> None:
        self.auth = auth

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": 1000})
        else:
            body = _told(scope["path"], scope["method"], scope["plexe_auth.principal"])
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Any, send: Any) -> None:
        async with AsyncExitStack() as stack:
            await receive()
            await stack.enter_async_context(self.auth)
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
