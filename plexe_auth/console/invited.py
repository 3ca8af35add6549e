"""Whoever was invited accepts by the letter's link, and is in."""

from msgspec import Struct

from plexe_auth.console.entering import entered
from plexe_auth.console.services import Services
from plexe_auth.console.visit import PUBLIC, Page, Visit
from plexe_auth.wire import Response


class Acceptance(Struct):
    """Who somebody wants to be here, by what a letter's link brought."""

    token: str
    password: str
    name: str = ""


async def opened(services: Services, visit: Visit) -> Response:
    """Show the form that a letter's link leads to. To look at it uses nothing up."""
    return services.draw.page("accept_invitation.html", visit)


async def accept(services: Services, visit: Visit) -> Response:
    """Make the user, and let them in."""
    given: Acceptance = visit.form
    result = await services.invitations.accept(given.token, given.password, given.name, client=visit.client)
    return entered(services, visit, result, "")


PAGES = (
    Page("GET", "/accept-invitation", PUBLIC, opened),
    Page("POST", "/accept-invitation", PUBLIC, accept, form=Acceptance, again=opened),
)
