"""A site answers exchanges by its table of routes; it knows neither a server nor a colour."""

import logging
from typing import Any

from plexe_auth.errors import AuthError, InsufficientPermissions, MissingKey, NotFound, Unavailable
from plexe_auth.http_errors import MethodNotAllowed
from plexe_auth.web.answering import head
from plexe_auth.web.exchange import Exchange
from plexe_auth.web.reading import LONGEST_BODY, body, query
from plexe_auth.web.route import PUBLIC, Asked, Route, Routes
from plexe_auth.wire import Response


class Site:
    """Routes, and the services that their handlers ask.

    Args:
        routes: the table.
        services: handed to each handler; its services are asynchronous ones.
    """

    def __init__(self, routes: Routes[Route], services: Any) -> None:
        self.routes = routes
        self._services = services

    async def answer(self, exchange: Exchange) -> Response:
        """Return the answer to a request.

        Raises:
            AuthError: it is refused. What fails unexpectedly is logged, and is `Unavailable`.
        """
        try:
            found = self.routes.find(exchange.method, exchange.path)
            if found is None:
                return self._unrouted(exchange)
            route, name = found
            check(route, exchange)
            sent = None if route.body is None else await _body(route, exchange)
            asked = Asked(exchange, name, query(exchange.query, route.query), sent)
            response: Response = await route.handler(self._services, asked)
        except AuthError:
            raise
        except Exception:
            logging.getLogger("plexe_auth").exception("a request could not be answered")
            raise Unavailable from None
        return head(response) if exchange.method == "HEAD" else response

    def _unrouted(self, exchange: Exchange) -> Response:
        allowed = self.routes.allowed(exchange.path)
        if not allowed:
            raise NotFound
        if exchange.method != "OPTIONS":
            raise MethodNotAllowed(allowed=allowed)
        return Response(204, (("allow", ", ".join(allowed)),))


def check(route: Route, exchange: Exchange) -> None:
    """Refuse whoever the gate should not have let in: it and the site read one table, and neither trusts the other."""
    if route.permission is PUBLIC:
        return
    if exchange.principal is None:
        raise MissingKey
    if route.permission and not exchange.principal.permissions.covers(route.permission):
        raise InsufficientPermissions


async def _body(route: Route, exchange: Exchange) -> Any:
    data = await exchange.read(LONGEST_BODY)
    kind: Any = route.body
    return body(data, exchange.fields.get("content-type", ""), kind, optional=route.body_optional)
