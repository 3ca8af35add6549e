"""The gate in front of an ASGI app, for HTTP and WebSocket. It translates and decides nothing."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import quote

from plexe_auth.admission import LENGTHS, NAMES, Admission
from plexe_auth.auth import AsyncAuth
from plexe_auth.bridge import Async
from plexe_auth.errors import AuthError
from plexe_auth.gate import Gate
from plexe_auth.model.policy import Policy
from plexe_auth.model.principal import ANONYMOUS
from plexe_auth.model.same_origin import READING
from plexe_auth.shortcut import Shortcut, Target
from plexe_auth.wire import FIELDS, FOLDED_KEY_FIELDS, Request, Response, in_bytes

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Sending = Awaitable[None]  # it has a name, for what annotates a function is worked out each time one is made
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Sending]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
_Sent = tuple[bytes, bytes]

# The method, the path, the target as it was sent and the mount's prefix, where they are known, the scheme, the address
# at the other end, and what the client calls itself.
Told = tuple[str, str, bytes | None, str | None, str, str | None, bytes | None]

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
        self._shortcut = self.gate.shortcut(target)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: C901 - one function, for each call costs
        """Answer one request, or one WebSocket."""
        if scope["type"] not in _GUARDED:
            return await self._unguarded(scope, receive, send)
        admitted = by_shortcut(self.gate, self._shortcut, scope)
        if admitted is None:
            decided = await self.gate.admit(request_from(scope))
            if isinstance(decided, Response):
                return await answer(decided, scope, send)
            admitted = decided
        principal, (_texts, ours), stands = admitted
        scope[PRINCIPAL] = principal
        if principal is not None or "user" not in scope:
            scope["user"] = scope["auth"] = principal or ANONYMOUS
        has_begun = False

        def begun(message: Message) -> Sending:
            nonlocal has_begun
            has_begun = True
            if message["type"] in _WITH_HEADERS:  # a new message: the app may send its own again to somebody else
                message = {**message, "headers": _with_ours(message.get("headers", ()), ours, stands)}
            return send(message)

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


def by_shortcut(gate: Gate[Async], shortcut: Shortcut[Told], scope: Scope) -> Admission | None:  # noqa: C901 - one function, for each call costs
    """Return the admission of a request that sends one key or cookie and nothing odd, if it is admitted at once."""
    key = agent = named = cookie = None
    authorized = False
    try:
        for name, value in scope.get("headers", ()):
            if name in _LOOKED_AT:
                if name == _KEY and key is None:
                    key = value
                elif name == _AGENT and agent is None:
                    agent = value
                elif name == _NAME and named is None:
                    named = value.decode("latin-1")
                elif name == _COOKIE and cookie is None:
                    cookie = value
                elif name == _AUTHORIZATION:
                    authorized = True
                else:
                    return None
        method = scope["method"] if scope["type"] == "http" else "GET"
        if cookie is not None:
            if key is not None or scope["type"] != "http":
                cookie = None
            elif method not in READING:
                return gate.at_once(request_from(scope))  # which looks at what else was sent
        told = scope.get  # a server may leave these out
        client = told("client")
        admit = shortcut[
            method,
            scope["path"],
            told("raw_path"),
            told("root_path"),
            told("scheme", "http"),
            client[0] if client else None,
            agent,
        ]
        return admit(key or b"", named, authorized, cookie or b"", None)
    except Exception:
        return None  # the long way meets it again, and answers


def target(told: Told) -> Target:
    """Return what is asked for."""
    method, path, sent, prefix, scheme, peer, agent = told
    routed = _below(path, prefix or "") or "/"
    return Target(method, routed, sent or _quoted(path), scheme, peer, agent or b"")


def _with_ours(sent: Iterable[_Sent], ours: tuple[_Sent, ...], stands: str | None) -> list[_Sent]:
    headers = [*sent]
    if stands is not None:
        ours = (*ours, (b"ratelimit", stands.encode()))
    for name, _value in headers:
        if len(name) in LENGTHS and name.lower() in _OURS:
            names = {name.lower() for name, _value in headers}
            ours = tuple(header for header in ours if header[0] not in names)
            break
    headers += ours
    return headers


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
    return sent.decode("latin-1").partition("?")[0] if sent else _quoted(scope["path"])


def _quoted(path: str) -> str:
    return quote(path, errors="replace")


def routed(scope: Scope) -> str:
    """Return the path without the mount's prefix, by Starlette's rule. Where Django finds any view it is the same."""
    return _below(scope["path"], scope.get("root_path", ""))


def _below(path: str, prefix: str) -> str:
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
    await send({"type": start, "status": response.status, "headers": list(in_bytes(response.headers))})
    await send({"type": body, "body": response.body})
