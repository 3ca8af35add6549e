"""The Console answers visits by its table of pages: who may not see one is sent to where they can be let in."""

import logging
from urllib.parse import quote

from plexe_auth.console.cookies import taken
from plexe_auth.console.door import Came, Door, has_session, only_reads
from plexe_auth.console.entering import with_next
from plexe_auth.console.form import LONGEST, filled_in, pairs, sent
from plexe_auth.console.look import Look
from plexe_auth.console.rendering import Renderer, redirect
from plexe_auth.console.routes import PAGES
from plexe_auth.console.services import Services
from plexe_auth.console.visit import Page, Visit
from plexe_auth.errors import (
    AuthError,
    ConfigurationError,
    Conflict,
    ExpiredSession,
    InsufficientPermissions,
    InvalidCredentials,
    InvalidRequest,
    InvalidSession,
    MFARequired,
    NotFound,
    RateLimitExceeded,
    ReauthenticationRequired,
    Unavailable,
)
from plexe_auth.http_errors import MethodNotAllowed
from plexe_auth.model.client import Client
from plexe_auth.model.policy import Policy
from plexe_auth.web.answering import head
from plexe_auth.web.exchange import Exchange
from plexe_auth.web.guard import own
from plexe_auth.web.reading import query
from plexe_auth.web.route import Found, Nothing, Routes
from plexe_auth.wire import Header, Request, Response
from plexe_auth.world import World

_NOT_SET_UP = "This cannot be done here: whoever runs this place has not set it up."
# What the page with the form says itself; whoever filled it in can mend it there.
_MENDED = (Conflict, InsufficientPermissions, InvalidCredentials, InvalidRequest, RateLimitExceeded)


class Console:
    """The pages over one world."""

    def __init__(self, routes: Routes[Page], services: Services, door: Door) -> None:
        self.routes = routes
        self._services = services
        self._door = door

    async def answer(self, request: Request, exchange: Exchange) -> Response:
        """Return the page, or where to find what is asked for. No refusal raises."""
        came = self._door.came(request)
        try:
            came, response = await self._routed(request, exchange, came)
        except AuthError as error:
            response = self._refused(Visit(request, exchange, Client()), error)
        except Exception:
            logging.getLogger("plexe_auth").exception("a page could not be shown")
            response = self._refused(Visit(request, exchange, Client()), Unavailable())
        if came.headers:
            told = {name for name, _value in response.headers}
            added = tuple(one for one in came.headers if one[0] not in told)
            response = Response(response.status, response.headers + added, response.body)
        return head(response) if exchange.method == "HEAD" else response

    async def _routed(self, request: Request, exchange: Exchange, came: Came) -> tuple[Came, Response]:
        found = self.routes.find(exchange.method, exchange.path)
        if found is None:
            allowed = self.routes.allowed(exchange.path)
            raise MethodNotAllowed(allowed=allowed) if allowed else NotFound
        opened = await self._door.opened(request, came, found.route)
        if isinstance(opened, Response):
            return came, opened
        agents = request.fields.get("user-agent")
        client = Client(opened.origin.ip, agents[0] if agents else None)
        person, version = opened.person or (None, 0)
        known = Visit(request, exchange, client, opened.principal, person, version, found.id)
        try:
            return opened, await self._visited(known, found)
        except AuthError as error:
            return opened, self._refused(known, error)

    async def _visited(self, visit: Visit, found: Found[Page]) -> Response:
        page = found.route
        if page.recent:
            visit.who.require_recent(self._services.world.settings.fresh_for)
        try:
            if page.query is not None and (page.query is not Nothing or visit.exchange.query):
                visit = visit._replace(query=query(visit.exchange.query, page.query))
            if page.form is not None:
                data = await visit.exchange.read(LONGEST)
                given = pairs(data, visit.exchange.fields.get("content-type", ""))
                visit = visit._replace(sent=sent(given))
                visit = visit._replace(form=filled_in(given, page.form))
            return await page.handler(self._services, visit)
        except ConfigurationError as missing:  # such as a mail server, or secret keys
            logging.getLogger("plexe_auth").warning("%s %s: %s", page.method, page.path, missing)
            return await self._again(page, visit, Conflict(_NOT_SET_UP))
        except _MENDED as error:
            return await self._again(page, visit, error)

    async def _again(self, page: Page, visit: Visit, refusal: AuthError) -> Response:
        if page.again is None:
            raise refusal
        return await page.again(self._services, visit._replace(refusal=refusal))

    def _refused(self, visit: Visit, error: AuthError) -> Response:
        if isinstance(error, InvalidSession | ExpiredSession | MFARequired):
            return self._elsewhere(visit, "/sign-in", *((taken(),) if has_session(visit.request) else ()))
        if isinstance(error, ReauthenticationRequired):
            return self._elsewhere(visit, "/confirm")
        return self._services.draw.page("refused.html", visit._replace(refusal=error))

    def _elsewhere(self, visit: Visit, path: str, *headers: Header) -> Response:
        """Send somebody to where they prove who they are, and then back to this page; what they sent is not kept."""
        place = with_next(visit.to(path), self._back(visit))
        if "hx-request" in visit.exchange.fields:  # it would put that page into this one
            return Response(204, (("hx-redirect", place), ("cache-control", "no-store"), *headers))
        return redirect(place, *headers)

    def _back(self, visit: Visit) -> str:
        found = self.routes.find(visit.exchange.method, visit.exchange.path)
        if found is not None and found.route.back is not None:
            return visit.to(found.route.back)
        return visit.here if only_reads(visit.request) else visit.to(self._page_of(visit.exchange.path))

    def _page_of(self, path: str) -> str:
        while path.strip("/"):
            found = self.routes.find("GET", path)
            if found is not None and found.route.needs is not None:
                return quote(path, safe="/-._~")
            path = path.rpartition("/")[0]
        return "/"


def opened(world: World, policy: Policy | None, look: Look | None) -> Console:
    """Return the Console of a world.

    Raises:
        ConfigurationError: `policy` says something of paths, or takes no cookies; or `look` is no `Look`.
    """
    policy = own(policy)
    if not policy.cookie:
        raise ConfigurationError("the Console cannot do without the session's cookie")
    if look is not None and not isinstance(look, Look):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError("look is a plexe_auth.console.look.Look")
    draw = Renderer(Look() if look is None else look, world.product)
    return Console(PAGES, Services.of(world, draw), Door(world, policy))
