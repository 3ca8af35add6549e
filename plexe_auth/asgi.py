"""The gate in front of an ASGI app, for HTTP and WebSocket. It translates and decides nothing."""

import functools
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import quote

from plexe_auth.auth import AsyncAuth
from plexe_auth.bridge import Async
from plexe_auth.errors import AuthError
from plexe_auth.gate import Admission, Gate
from plexe_auth.model.policy import Policy
from plexe_auth.model.principal import ANONYMOUS
from plexe_auth.wire import FIELDS, Header, Request, Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PRINCIPAL = "plexe_auth.principal"

_NAMES = {name.encode(): name for name in FIELDS}
_WITH_HEADERS = ("http.response.start", "websocket.accept", "websocket.http.response.start")
_POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1


class AuthMiddleware:
    """Lets requests and WebSockets through to `app` that `policy` accepts.

    ``scope["plexe_auth.principal"]`` is set for the app, and Starlette's ``request.user`` and ``request.auth`` with it.

    Args:
        app: the app to guard.
        auth: an `AsyncAuth`.
        policy: what to guard and how; by default everything.

    Raises:
        TypeError: `auth` is not an `AsyncAuth`.

    Example:
        >>> from plexe_auth import AsyncAuth
        >>> async def app(scope, receive, send):
        ...     await send({"type": "http.response.start", "status": 204, "headers": []})
        ...     await send({"type": "http.response.body", "body": b""})
        >>> guarded = AuthMiddleware(app, AsyncAuth.open("memory://"))
    """

    def __init__(self, app: App, auth: AsyncAuth, policy: Policy | None = None) -> None:
        if not isinstance(auth, AsyncAuth):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
            raise TypeError("the ASGI middleware takes an AsyncAuth")
        self.app = app
        self.gate: Gate[Async] = Gate(auth.world, policy or Policy(), Async)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or one WebSocket."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] not in ("http", "websocket"):
            raise RuntimeError("plexe_auth guards http and websocket, and lets nothing else through")
        request = request_from(scope)
        admitted = self.gate.at_once(request) or await self.gate.admit(request)
        if isinstance(admitted, Response):
            await answer(admitted, scope, send)
            return None
        _introduce(scope, admitted)
        begun = _Begun(admitted, send)
        try:
            await self.app(scope, receive, begun)
        except AuthError as error:
            if begun.yet:
                raise
            await answer(self.gate.refuse(error, request), scope, send)
        return None


class _Begun:
    """The app's ``send``: adds our headers, and remembers whether an answer has begun."""

    __slots__ = ("_admitted", "_send", "yet")

    def __init__(self, admitted: Admission, send: Send) -> None:
        self._admitted = admitted
        self._send = send
        self.yet = False

    def __call__(self, message: Message) -> Awaitable[None]:
        self.yet = True
        return self._send(_with_headers(message, self._admitted) if message["type"] in _WITH_HEADERS else message)


def _with_headers(message: Message, admitted: Admission) -> Message:
    # A new message: the app may send its own again in answer to somebody else.
    headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
    sent = {bytes(name).lower() for name, _value in headers}
    headers += [header for header in map(_in_bytes, admitted.answer_headers) if header[0] not in sent]
    return {**message, "headers": headers}


def _introduce(scope: Scope, admitted: Admission) -> None:
    scope[PRINCIPAL] = admitted.principal
    if admitted.principal is not None or "user" not in scope:
        scope["user"] = scope["auth"] = admitted.principal or ANONYMOUS


def request_from(scope: Scope) -> Request:
    """Return the request that a scope describes. The path is the one that the app behind us routes on."""
    client = scope.get("client")
    return Request(
        kind=scope["type"],
        method="GET" if scope["type"] == "websocket" else scope["method"],
        path=_routed(scope) or "/",
        raw_path=_raw_path(scope),
        query=scope.get("query_string", b"").decode("latin-1"),
        scheme=scope.get("scheme", "http"),
        peer=client[0] if client else None,
        fields=_fields(scope.get("headers", ())),
    )


def _fields(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in headers:
        known = _NAMES.get(name.lower())
        if known is not None:
            fields.setdefault(known, []).append(value.decode("latin-1"))
    return fields


def _raw_path(scope: Scope) -> str:
    sent: bytes | None = scope.get("raw_path")  # a server may leave it out
    return sent.decode("latin-1").partition("?")[0] if sent else quote(scope["path"], errors="replace")


def _routed(scope: Scope) -> str:
    """Return the path without the mount's prefix, by Starlette's rule. Where Django finds any view it is the same."""
    path: str = scope["path"]
    prefix: str = scope.get("root_path", "")
    below = path[len(prefix) :]
    return below if prefix and path.startswith(prefix) and below[:1] in ("", "/") else path


async def answer(response: Response, scope: Scope, send: Send) -> None:
    """Send a response. A WebSocket is refused by it before it is accepted, or closed where the server cannot do so."""
    kind = "http.response"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})
            return
        kind = "websocket.http.response"
    await send({"type": f"{kind}.start", "status": response.status, "headers": _encoded(response.headers)})
    await send({"type": f"{kind}.body", "body": response.body})


def _encoded(headers: Iterable[Header]) -> list[tuple[bytes, bytes]]:
    return list(map(_in_bytes, headers))


@functools.lru_cache(maxsize=1024)
def _in_bytes(header: Header) -> tuple[bytes, bytes]:
    return header[0].encode(), header[1].encode("latin-1")
