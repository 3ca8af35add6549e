"""A site behind the gate as a WSGI app (PEP 3333), mountable anywhere. It translates and decides nothing."""

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from plexe_auth.admission import told, whole
from plexe_auth.auth import Auth
from plexe_auth.bridge import Sync, finish
from plexe_auth.errors import AuthError, InvalidRequest
from plexe_auth.gate import Gate
from plexe_auth.http_errors import ContentTooLarge
from plexe_auth.model.policy import Policy
from plexe_auth.model.principal import Principal
from plexe_auth.web.exchange import FIELDS, Answering, Exchange, Read, length
from plexe_auth.web.guard import guard
from plexe_auth.web.site import Site
from plexe_auth.wire import Response
from plexe_auth.wsgi import answer, by_shortcut, request_from, routed, target

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

_NAMES = {
    **{"HTTP_" + name.upper().replace("-", "_"): name for name in FIELDS if not name.startswith("content-")},
    "CONTENT_LENGTH": "content-length",
    "CONTENT_TYPE": "content-type",
}


def mounted(site: Site, auth: Auth, policy: Policy | None) -> "WSGIApplication":
    """Return the site as an app, behind a gate of its own.

    Raises:
        ConfigurationError: `policy` says something of paths.
    """
    gate = Gate(auth.world, guard(site.routes, policy), Sync)
    shortcut = gate.shortcut(target)

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        admitted = by_shortcut(gate, shortcut, environ) or gate.admit(request_from(environ))
        if isinstance(admitted, Response):
            return answer(admitted, start_response)
        principal, headers, stands = admitted
        try:
            exchange = exchange_from(environ, routed(environ), principal)
            response = told(whole(headers, stands), finish(site.answer(exchange)))
        except AuthError as error:
            response = gate.refuse(error, request_from(environ))
        return answer(response, start_response)

    return app


def served(site: Answering) -> "WSGIApplication":
    """Return a site that has a gate of its own as an app."""

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = request_from(environ)
        return answer(finish(site.answer(request, exchange_from(environ, request.path))), start_response)

    return app


def exchange_from(environ: "WSGIEnvironment", path: str, principal: Principal | None = None) -> Exchange:
    """Return the request that an environ describes, below its mount, and who it acts for."""
    fields = {name: environ[key] for key, name in _NAMES.items() if key in environ}
    return Exchange(
        environ.get("REQUEST_METHOD", ""),
        path,
        _prefix(environ.get("SCRIPT_NAME", "")),
        environ.get("QUERY_STRING", ""),
        fields,
        _reader(environ, fields),
        principal,
    )


@functools.lru_cache(maxsize=256)
def _prefix(path: str) -> str:
    return quote(path.encode("latin-1", "replace")).rstrip("/")


def _reader(environ: "WSGIEnvironment", fields: dict[str, str]) -> Read:
    async def read(most: int) -> bytes:
        told = length(fields, most)
        if told is None and not environ.get("wsgi.input_terminated"):
            return b""  # whoever would read on, would wait for ever (PEP 3333)
        data: bytes = _read(environ["wsgi.input"], most + 1 if told is None else told)
        if len(data) > most:
            raise ContentTooLarge
        if told not in (None, len(data)):
            raise InvalidRequest("The body is incomplete.", field="body")
        return data

    return read


def _read(stream: "InputStream", most: int) -> bytes:
    """Read until the end or `most` bytes; a stream may give less at once."""
    data = b""
    while len(data) < most and (more := stream.read(most - len(data))):
        data += more
    return data
