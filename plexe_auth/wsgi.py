"""The gate in front of a WSGI app (PEP 3333). It translates and decides nothing."""

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from plexe_auth.auth import Auth
from plexe_auth.bridge import Sync
from plexe_auth.errors import AuthError
from plexe_auth.gate import Admission, Gate
from plexe_auth.model.policy import Policy
from plexe_auth.wire import FIELDS, Header, Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PRINCIPAL = "plexe_auth.principal"

_NAMES = {"HTTP_" + name.upper().replace("-", "_"): name for name in sorted(FIELDS, reverse=True) if "_" not in name}
_REASONS = {
    308: "Permanent Redirect",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
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

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        request = request_from(environ)
        admitted = self.gate.admit(request)
        if isinstance(admitted, Response):
            return answer(admitted, start_response)
        environ[PRINCIPAL] = admitted.principal
        try:
            return self.app(environ, _adding(admitted, start_response))
        except AuthError as error:
            return answer(self.gate.refuse(error, request), start_response)


def request_from(environ: "WSGIEnvironment") -> Request:
    """Return the request that an environ describes. The path is the one that the app behind us routes on."""
    return Request(
        kind="http",
        method=environ.get("REQUEST_METHOD", ""),
        path=_decoded(environ.get("PATH_INFO", "")) or "/",
        raw_path=_raw_path(environ),
        query=environ.get("QUERY_STRING", ""),
        scheme=environ.get("wsgi.url_scheme", "http"),
        peer=environ.get("REMOTE_ADDR"),
        fields={name: [environ[key]] for key, name in _NAMES.items() if key in environ},
    )


def answer(response: Response, start_response: "StartResponse") -> list[bytes]:
    """Send a response; after an app has failed, in place of what it had begun."""
    reason = _REASONS.get(response.status, "Refused")
    failed = sys.exc_info() if sys.exc_info()[0] is not None else None
    start_response(f"{response.status} {reason}", list(response.headers), failed)
    return [response.body] if response.body else []


def _adding(admitted: Admission, start_response: "StartResponse") -> "StartResponse":
    if not admitted.headers and admitted.principal is None:
        return start_response

    def start(status: str, headers: list[Header], exc_info: Any = None) -> Callable[[bytes], object]:
        sent = {name.lower() for name, _value in headers}
        added = [header for header in admitted.answer_headers if header[0] not in sent]
        return start_response(status, headers + added, exc_info)

    return start


def _decoded(text: str) -> str:
    return text.encode("latin-1", "replace").decode("utf-8", "replace")  # PEP 3333 brings bytes in the guise of latin-1


def _raw_path(environ: "WSGIEnvironment") -> str:
    target: str = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
    if not target:
        return quote((environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1", "replace"))
    if not target.startswith("/"):  # the absolute form, with which a client may address any server
        target = "/" + target.partition("://")[2].partition("/")[2]
    return target.partition("?")[0]
