"""The gate in front of an ASGI app, for HTTP and WebSocket. It translates and decides nothing."""

import functools
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import quote

from plexe_auth.admission import NAMES, Admission
from plexe_auth.auth import AsyncAuth
from plexe_auth.bridge import Async
from plexe_auth.errors import AuthError
from plexe_auth.gate import Gate
from plexe_auth.model.policy import Policy
from plexe_auth.model.principal import ANONYMOUS
from plexe_auth.model.same_origin import READING
from plexe_auth.wire import FIELDS, FOLDED_KEY_FIELDS, Header, Request, Response

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

PRINCIPAL = "plexe_auth.principal"

_NAMES = {name.encode(): name for name in FIELDS}

# The fields that the shortcut looks at; ASGI has names in lower case.
_KEY, _AGENT, _NAME, _AUTHORIZATION = b"x-api-key", b"user-agent", b"x-request-id", b"authorization"
_COOKIE = b"cookie"
_FOLDED = frozenset(name.encode() for name in FOLDED_KEY_FIELDS)
_LOOKED_AT = _FOLDED | {_KEY, _AGENT, _NAME, _AUTHORIZATION, _COOKIE}
_OURS = frozenset(name.encode() for name in NAMES)
_WITH_HEADERS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
_GUARDED = frozenset({"http", "websocket"})
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
        if scope["type"] not in _GUARDED:
            return await self._unguarded(scope, receive, send)
        admitted = by_shortcut(self.gate, scope) or await self.gate.admit(request_from(scope))
        if isinstance(admitted, Response):
            await answer(admitted, scope, send)
            return None
        principal = scope[PRINCIPAL] = admitted.principal
        if principal is not None or "user" not in scope:
            scope["user"] = scope["auth"] = principal or ANONYMOUS
        has_begun = False

        def begun(message: Message) -> Awaitable[None]:
            nonlocal has_begun
            has_begun = True
            return send(message if message["type"] not in _WITH_HEADERS else _with_headers(message, admitted))

        try:
            await self.app(scope, receive, begun)
        except AuthError as error:
            if has_begun:
                raise
            await answer(self.gate.refuse(error, request_from(scope)), scope, send)
        return None

    async def _unguarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            raise RuntimeError("plexe_auth guards http and websocket, and lets nothing else through")
        await self.app(scope, receive, send)


def by_shortcut(gate: Gate[Async], scope: Scope) -> Admission | None:
    """Return the admission of a request that sends one key or cookie and nothing odd, if it is admitted at once."""
    sent: dict[bytes, bytes] = {}
    for name, value in scope.get("headers", ()):
        if name in _LOOKED_AT:
            if name in sent or name in _FOLDED:
                return None
            sent[name] = value
    client, named, method = scope.get("client"), sent.get(_NAME), "GET"
    cookie = b""
    if scope["type"] == "http":
        method = scope["method"]
        if _COOKIE in sent and _KEY not in sent:
            if method not in READING:
                return gate.at_once(request_from(scope))  # which looks at what else was sent
            cookie = sent[_COOKIE]
    return gate.shortcut(
        method,
        (routed(scope) if scope.get("root_path") else scope["path"]) or "/",
        scope.get("raw_path") or _raw_path(scope),
        scope.get("scheme", "http"),
        client[0] if client else None,
        sent.get(_AGENT, b""),
        sent.get(_KEY, b""),
        None if named is None else named.decode("latin-1"),
        _AUTHORIZATION in sent,
        cookie,
        None,
    )


def _with_headers(message: Message, admitted: Admission) -> Message:
    # A new message: the app may send its own again in answer to somebody else.
    sent, (_principal, plain, rated) = message.get("headers", ()), admitted
    ours = [*_encoded(plain), *_in_bytes(rated)] if rated else _encoded(plain)
    for name, _value in sent:
        if name.lower() in _OURS:
            ours = _unsent(ours, sent)
            break
    return {**message, "headers": [*sent, *ours]}


def _unsent(ours: list[tuple[bytes, bytes]], sent: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _value in sent}
    return [header for header in ours if header[0] not in names]


def request_from(scope: Scope) -> Request:
    """Return the request that a scope describes. The path is the one that the app behind us routes on."""
    client = scope.get("client")
    return Request(
        kind=scope["type"],
        method="GET" if scope["type"] == "websocket" else scope["method"],
        path=routed(scope) or "/",
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


def routed(scope: Scope) -> str:
    """Return the path without the mount's prefix, by Starlette's rule. Where Django finds any view it is the same."""
    path: str = scope["path"]
    prefix: str = scope.get("root_path", "")
    if not prefix:
        return path
    below = path[len(prefix) :]
    return below if path.startswith(prefix) and below[:1] in ("", "/") else path


async def answer(response: Response, scope: Scope, send: Send) -> None:
    """Send a response. A WebSocket is refused by it before it is accepted, or closed where the server cannot do so."""
    start, body = "http.response.start", "http.response.body"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})
            return
        start, body = f"websocket.{start}", f"websocket.{body}"
    await send({"type": start, "status": response.status, "headers": _in_bytes(response.headers)})
    await send({"type": body, "body": response.body})


def _in_bytes(headers: Iterable[Header]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode("latin-1")) for name, value in headers]


_encoded = functools.lru_cache(maxsize=256)(_in_bytes)  # for those that are the same again and again
