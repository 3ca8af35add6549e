"""A site behind the gate as an ASGI app, mountable anywhere. It translates and decides nothing."""

import functools
from urllib.parse import quote

from plexe_auth.admission import told, whole
from plexe_auth.asgi import App, Receive, Scope, Send, answer, by_shortcut, request_from, routed, target
from plexe_auth.auth import AsyncAuth
from plexe_auth.bridge import Async
from plexe_auth.errors import AuthError, InvalidRequest, NotFound
from plexe_auth.gate import Gate
from plexe_auth.http_errors import ContentTooLarge
from plexe_auth.model.policy import Policy
from plexe_auth.model.principal import Principal
from plexe_auth.web.exchange import FIELDS, Answering, Exchange, Read, joined, length
from plexe_auth.web.guard import guard
from plexe_auth.web.site import Site
from plexe_auth.wire import Response

_NAMES = {name.encode(): name for name in FIELDS}


def mounted(site: Site, auth: AsyncAuth, policy: Policy | None) -> App:
    """Return the site as an app, behind a gate of its own.

    Raises:
        ConfigurationError: `policy` says something of paths.
    """
    gate = Gate(auth.world, guard(site.routes, policy), Async)
    shortcut = gate.shortcut(target)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await _lived(receive, send)
        admitted = by_shortcut(gate, shortcut, scope) or await gate.admit(request_from(scope))
        if isinstance(admitted, Response):
            return await answer(admitted, scope, send)
        principal, headers, stands = admitted
        try:
            if scope["type"] == "websocket":
                raise NotFound
            response = told(whole(headers, stands), await site.answer(exchange_from(scope, receive, principal)))
        except AuthError as error:
            response = gate.refuse(error, request_from(scope))
        return await answer(response, scope, send)

    return app


def served(site: Answering) -> App:
    """Return a site that has a gate of its own as an app. It speaks no WebSocket."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lived(receive, send)
        elif scope["type"] == "websocket":
            await answer(Response(404), scope, send)
        else:
            await answer(await site.answer(request_from(scope), exchange_from(scope, receive)), scope, send)

    return app


def exchange_from(scope: Scope, receive: Receive, principal: Principal | None = None) -> Exchange:
    """Return the request that a scope describes, and who it acts for."""
    sent = [(_NAMES[name], value) for name, value in scope.get("headers", ()) if name in _NAMES]
    fields = joined((name, value.decode("latin-1")) for name, value in sent) if sent else {}
    return Exchange(
        scope["method"],
        routed(scope) or "/",
        _prefix(scope.get("root_path", "")),
        asked.decode("latin-1") if (asked := scope.get("query_string")) else "",
        fields,
        _reader(receive, fields),
        principal,
    )


@functools.lru_cache(maxsize=256)
def _prefix(path: str) -> str:
    return quote(path, errors="replace").rstrip("/")


def _reader(receive: Receive, fields: dict[str, str]) -> Read:
    async def read(most: int) -> bytes:
        length(fields, most)
        data, more = b"", True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise InvalidRequest("The body is incomplete.", field="body")
            data += message.get("body", b"")
            more = message.get("more_body", False)
            if len(data) > most:
                raise ContentTooLarge
        return data

    return read


async def _lived(receive: Receive, send: Send) -> None:
    """Answer a server that has nobody else to ask; there is nothing to begin and nothing to end."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
