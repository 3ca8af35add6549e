"""A forgotten password is set anew by a letter's link; whether there is such a user, the page does not say."""

from msgspec import Struct

from plexe_auth.console.entering import entered
from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import PUBLIC, Page, Visit
from plexe_auth.wire import Response


class Forgotten(Struct):
    """Whose password is forgotten."""

    email: str


class NewPassword(Struct):
    """A new password, by what a letter's link brought."""

    token: str
    password: str


async def ask(services: Services, visit: Visit) -> Response:
    """Ask for the address."""
    return services.draw.page("forgot_password.html", visit)


async def request(services: Services, visit: Visit) -> Response:
    """Have a letter sent, if there is such a user."""
    await services.users.request_reset(visit.form.email, client=visit.client)
    return redirect(visit.to("/forgot-password/sent"))


async def sent(services: Services, visit: Visit) -> Response:
    """Say the same to everybody."""
    return services.draw.page("forgot_password_sent.html", visit)


async def opened(services: Services, visit: Visit) -> Response:
    """Show the form that a letter's link leads to. To look at it uses nothing up."""
    return services.draw.page("reset_password.html", visit)


async def reset(services: Services, visit: Visit) -> Response:
    """Set the password, and let them in."""
    given: NewPassword = visit.form
    result = await services.users.reset(given.token, given.password, client=visit.client)
    return entered(services, visit, result, "")


PAGES = (
    Page("GET", "/forgot-password", PUBLIC, ask),
    Page("POST", "/forgot-password", PUBLIC, request, form=Forgotten, again=ask),
    Page("GET", "/forgot-password/sent", PUBLIC, sent),
    Page("GET", "/reset-password", PUBLIC, opened),
    Page("POST", "/reset-password", PUBLIC, reset, form=NewPassword, again=opened),
)
