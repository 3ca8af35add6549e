"""The gate in front of a WSGI app (PEP 3333). It translates and decides nothing."""

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote

from plexe_auth.admission import LENGTHS, NAMES, Admission, whole
from plexe_auth.auth import Auth
from plexe_auth.bridge import Sync
from plexe_auth.errors import AuthError
from plexe_auth.gate import Gate
from plexe_auth.model.policy import Policy
from plexe_auth.model.same_origin import READING
from plexe_auth.shortcut import Shortcut, Target
from plexe_auth.wire import FIELDS, FOLDED_KEY_FIELDS, Header, Request, Response

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# They have names because what annotates a function is worked out each time the function is made.
Headers = list[Header]
Write = Callable[[bytes], object]

PRINCIPAL = "plexe_auth.principal"

# The method, the path, the target as it was sent, where that is known, the mount's prefix, the scheme, the address at
# the other end, and what the client calls itself.
Told = tuple[str, str, str | None, str, str, str | None, str]

_NAMES = {"HTTP_" + name.upper().replace("-", "_"): name for name in FIELDS - FOLDED_KEY_FIELDS}
_REASONS = {
    200: "OK",
    201: "Created",
    204: "No Content",
    303: "See Other",
    304: "Not Modified",
    308: "Permanent Redirect",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    503: "Service Unavailable",
}


class AuthMiddleware:
    """Lets requests through to `app` that `policy` accepts, with ``environ["plexe_auth.principal"]`` set.

    Args:
        app: the app to guard.
        auth: a blocking `Auth`.
        policy: what to guard and how; by default everything.

    Raises:
        TypeError: `auth` is not an `Auth`.

    Example:
        >>> from plexe_auth import Auth
        >>> def app(environ, start_response):
        ...     start_response("200 OK", [])
        ...     return [environ["plexe_auth.principal"].account_id.encode()]
        >>> guarded = AuthMiddleware(app, Auth.open("memory://"))
    """

    def __init__(self, app: "WSGIApplication", auth: Auth, policy: Policy | None = None) -> None:
        if not isinstance(auth, Auth):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
            raise TypeError("the WSGI middleware takes an Auth")
        self.app = app
        self.gate: Gate[Sync] = Gate(auth.world, policy or Policy(), Sync)
        self._shortcut = self.gate.shortcut(target)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        admitted = by_shortcut(self.gate, self._shortcut, environ) or self.gate.admit(request_from(environ))
        if isinstance(admitted, Response):
            return answer(admitted, start_response)
        environ[PRINCIPAL], constant, stands = admitted
        ours = whole(constant, stands)
        has_begun = False

        def begun(status: str, headers: Headers, exc_info: "OptExcInfo | None" = None) -> Write:
            nonlocal has_begun
            has_begun = True
            return _start(start_response, status, _with_headers(headers, ours), exc_info)

        try:
            body = self.app(environ, begun)
            return body if has_begun else _Stepped(body)
        except AuthError as error:
            return answer(self.gate.refuse(error, request_from(environ)), start_response, sys.exc_info())


def by_shortcut(gate: Gate[Sync], shortcut: Shortcut[Told], environ: "WSGIEnvironment") -> Admission | None:
    """Return the admission of a request that sends a key or a cookie, if it is admitted at once."""
    told = environ.get
    try:
        method, key, cookie = told("REQUEST_METHOD", ""), told("HTTP_X_API_KEY"), told("HTTP_COOKIE", "")
        if cookie:
            if key is not None:
                cookie = ""
            elif method not in READING:
                return gate.at_once(request_from(environ))  # which looks at what else was sent
        admit = shortcut[
            method,
            told("PATH_INFO", ""),
            told("RAW_URI") or told("REQUEST_URI"),
            told("SCRIPT_NAME", ""),
            told("wsgi.url_scheme", "http"),
            told("REMOTE_ADDR"),
            told("HTTP_USER_AGENT", ""),
        ]
        return admit(
            b"" if key is None else key.encode(),
            told("HTTP_X_REQUEST_ID"),
            "HTTP_AUTHORIZATION" in environ,
            cookie.encode() if cookie else b"",
            None,
        )
    except Exception:
        return None  # the long way meets it again, and answers


def target(told: Told) -> Target:
    """Return what is asked for."""
    method, path, sent, prefix, scheme, peer, agent = told
    return Target(method, _decoded(path), sent or _quoted(prefix + path), scheme, peer, agent)


def _with_headers(headers: Headers, ours: Iterable[Header]) -> Headers:
    for name, _value in headers:
        if len(name) in LENGTHS and name.lower() in NAMES:
            sent = {name.lower() for name, _value in headers}
            return headers + [header for header in ours if header[0] not in sent]
    return [*headers, *ours]


class _Stepped:
    """A body of an app that begins its answer only when the body is read; the first step shows whether it refuses."""

    def __init__(self, body: Iterable[bytes]) -> None:
        self._body = body
        self._rest = iter(body)
        try:
            self._first = next(self._rest, b"")
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        return chain((self._first,), self._rest)

    def close(self) -> None:
        """Pass on what the server has to say at the end (PEP 3333)."""
        close: Callable[[], object] | None = getattr(self._body, "close", None)
        if close is not None:
            close()


def request_from(environ: "WSGIEnvironment") -> Request:
    """Return the request that an environ describes. The path is the one that the app behind us routes on."""
    return Request(
        kind="http",
        method=environ.get("REQUEST_METHOD", ""),
        path=routed(environ),
        raw_path=_raw_path(environ),
        query=environ.get("QUERY_STRING", ""),
        scheme=environ.get("wsgi.url_scheme", "http"),
        peer=environ.get("REMOTE_ADDR"),
        fields={name: [environ[key]] for key, name in _NAMES.items() if key in environ},
    )


def answer(response: Response, start_response: "StartResponse", failure: "OptExcInfo | None" = None) -> list[bytes]:
    """Send a response; with a `failure`, in place of what the app had begun, or not at all if that is under way."""
    reason = _REASONS.get(response.status, "Refused")
    _start(start_response, f"{response.status} {reason}", list(response.headers), failure)
    return [response.body] if response.body else []


def _start(start_response: "StartResponse", status: str, headers: Headers, failure: "OptExcInfo | None") -> Write:
    # Many a hand-made `start_response` takes two arguments.
    return start_response(status, headers) if failure is None else start_response(status, headers, failure)


def routed(environ: "WSGIEnvironment") -> str:
    """Return the path that the app behind us routes on."""
    return _decoded(environ.get("PATH_INFO", ""))


def _decoded(path: str) -> str:
    return path.encode("latin-1", "replace").decode("utf-8", "replace") or "/"  # bytes in the guise of latin-1


def _raw_path(environ: "WSGIEnvironment") -> str:
    target: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if not target:
        return _quoted(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""))
    return target.partition("?")[0]


def _quoted(path: str) -> str:
    return quote(path.encode("latin-1", "replace"))
