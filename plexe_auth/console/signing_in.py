"""Signing in by address and password, and signing out."""

from msgspec import Struct

from plexe_auth.console.cookies import taken
from plexe_auth.console.entering import entered
from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import ANYBODY, PUBLIC, Page, Visit
from plexe_auth.model.next_path import next_path
from plexe_auth.wire import Response


class Next(Struct):
    """Where to go on to."""

    next: str = ""


class Credentials(Struct):
    """Who somebody says they are, and where they want to go."""

    email: str
    password: str
    next: str = ""


async def ask(services: Services, visit: Visit) -> Response:
    """Show the form."""
    wanted = visit.sent.get("next", "") or (visit.query.next if isinstance(visit.query, Next) else "")
    providers = services.world.settings.oauth
    then = next_path(wanted, visit.to("/"))
    return services.draw.page("sign_in.html", visit, then=then, providers=providers)


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
    Page("GET", "/sign-in", PUBLIC, ask, query=Next),
    Page("POST", "/sign-in", PUBLIC, by_password, form=Credentials, again=ask),
    Page("POST", "/sign-out", ANYBODY, out),
)
