"""Signing in by address and password, and signing out."""

from msgspec import Struct

from plexe_auth.console.cookies import taken
from plexe_auth.console.entering import entered
from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import ANYBODY, PUBLIC, Page, Visit
from plexe_auth.model.next_path import next_path
from plexe_auth.model.provider import known_as
from plexe_auth.wire import Response


class Next(Struct):
    """Where to go on to."""

    next: str = ""


class Arrival(Next):
    """What somebody has just done, too."""

    done: str = ""


class Credentials(Struct):
    """Who somebody says they are, and where they want to go."""

    email: str
    password: str
    next: str = ""


async def ask(services: Services, visit: Visit) -> Response:
    """Show the form."""
    providers = [(one.name, known_as(one.id)) for one in services.world.settings.oauth]
    done = visit.query.done if isinstance(visit.query, Arrival) else ""
    return services.draw.page("sign_in.html", visit, then=wanted(visit), providers=providers, done=done)


def wanted(visit: Visit) -> str:
    """Return the path of ours that somebody wants to go on to, by what they sent or by the query."""
    asked = visit.sent.get("next", "") or (visit.query.next if isinstance(visit.query, Next) else "")
    return next_path(asked, visit.to("/"))


async def by_password(services: Services, visit: Visit) -> Response:
    """Let in whoever knows the password, or ask for a second factor."""
    given: Credentials = visit.form
    result = await services.sign_in.with_password(given.email, given.password, client=visit.client)
    return entered(services, visit, result, given.next)


async def out(services: Services, visit: Visit) -> Response:
    """End the session."""
    await services.sign_in.out(visit.session_token)
    return redirect(visit.to("/sign-in"), taken())


async def first(_services: Services, visit: Visit) -> Response:
    """Lead to the first page."""
    return redirect(visit.to("/keys"))


PAGES = (
    Page("GET", "/", ANYBODY, first),
    Page("GET", "/sign-in", PUBLIC, ask, query=Arrival),
    Page("POST", "/sign-in", PUBLIC, by_password, form=Credentials, again=ask),
    Page("POST", "/sign-out", ANYBODY, out),
)
