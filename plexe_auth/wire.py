"""A request and an answer as plain values; no framework and no server is known here."""

import json
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from plexe_auth.errors import AuthError, RateLimitExceeded
from plexe_auth.http_errors import MethodNotAllowed

# The fields that decisions look at, and how servers may have folded the name of the one that carries the key.
KEY_FIELD = "x-api-key"
FOLDED_KEY_FIELDS = frozenset({"x_api_key", "x-api_key", "x_api-key"})
FIELDS = FOLDED_KEY_FIELDS | {
    KEY_FIELD,
    "access-control-request-method",
    "authorization",
    "cookie",
    "forwarded",
    "host",
    "origin",
    "sec-fetch-site",
    "user-agent",
    "x-csrf-token",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-request-id",
}


class Request(NamedTuple):
    """What is known of a request before anybody has looked at its body. Its ``repr`` shows no field.

    Attributes:
        kind: ``"http"`` or ``"websocket"``.
        method: as sent, case and all; ``GET`` for a WebSocket.
        path: decoded, and just that part on which the wrapped app routes.
        raw_path: the target as sent, without its query and still percent-encoded, or empty where the server does not
            tell.
        query: the query string as sent.
        scheme: as the server saw it.
        peer: the address at the other end of the connection, or ``None``.
        fields: the values of each header field in `FIELDS` that was sent, in order, by lower-case name.
    """

    kind: Literal["http", "websocket"]
    method: str
    path: str
    raw_path: str = ""
    query: str = ""
    scheme: str = "http"
    peer: str | None = None
    fields: Mapping[str, list[str]] = {}  # never changed

    def __repr__(self) -> str:
        return f"Request({self.kind}, {self.method!r}, {self.path!r}, …)"


Header = tuple[str, str]


class Fields(NamedTuple):
    """Fields of an answer, as WSGI has them and as ASGI does: those that many answers have are written once.

    Attributes:
        texts: names in lower case, and values.
        in_bytes: the same in latin-1.
    """

    texts: tuple[Header, ...] = ()
    in_bytes: tuple[tuple[bytes, bytes], ...] = ()


def fields(*texts: Header) -> Fields:
    """Return fields in both forms."""
    return Fields(texts, in_bytes(texts))


def in_bytes(texts: Iterable[Header]) -> tuple[tuple[bytes, bytes], ...]:
    """Return fields as ASGI has them."""
    return tuple([(name.encode(), value.encode("latin-1")) for name, value in texts])


class Response(NamedTuple):
    """An answer. Header names are in lower case.

    Its ``repr`` shows neither body nor headers: a new key may stand in the one, a session's cookie in the others.
    """

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Response({self.status!r}, …)"


def problem(error: AuthError, challenge: str, extra: tuple[Header, ...] = (), *, head: bool = False) -> Response:
    """Return the problem document (RFC 9457) for a refusal. An answer to ``HEAD`` has all of it but the body."""
    body = json.dumps(error.problem()).encode()
    headers: list[Header] = [
        ("content-type", "application/problem+json"),
        ("content-length", str(len(body))),
        ("cache-control", "no-store"),
    ]
    if error.status == 401:
        headers.append(("www-authenticate", challenge))
    return Response(error.status, (*headers, *advice(error), *extra), b"" if head else body)


def advice(error: AuthError | None) -> tuple[Header, ...]:
    """Return the fields in which a refusal says when to come again, and by which method."""
    if isinstance(error, RateLimitExceeded):
        return (("retry-after", str(error.retry_after)),)
    if isinstance(error, MethodNotAllowed):
        return (("allow", ", ".join(error.allowed)),)  # RFC 9110, section 15.5.6
    return ()
