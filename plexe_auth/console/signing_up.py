"""Whoever signs up becomes a user when they open the letter; the page says the same whoever has the address."""

from msgspec import Struct

from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import PUBLIC, Page, Visit
from plexe_auth.wire import Response


class Registration(Struct):
    """Who somebody wants to be here."""

    email: str
    password: str
    name: str = ""


class Token(Struct):
    """What a letter's link brought."""

    token: str


async def ask(services: Services, visit: Visit) -> Response:
    """Show the form."""
    return services.draw.page("sign_up.html", visit)


async def register(services: Services, visit: Visit) -> Response:
    """Have a letter sent to whoever has the address."""
    given: Registration = visit.form
    await services.users.register(given.email, given.password, given.name, client=visit.client)
    return redirect(visit.to("/sign-up/sent"))


async def sent(services: Services, visit: Visit) -> Response:
    """Say that there is a letter, to whoever it may be."""
    return services.draw.page("sign_up_sent.html", visit)


async def opened(services: Services, visit: Visit) -> Response:
    """Show the button that a letter's link leads to. To look at it uses nothing up."""
    return services.draw.page("verify_email.html", visit)


async def verify(services: Services, visit: Visit) -> Response:
    """Take the address as proven, and have its owner sign in."""
    await services.users.verify_email(visit.form.token)
    return redirect(f"{visit.to('/sign-in')}?done=verified")


PAGES = (
    Page("GET", "/sign-up", PUBLIC, ask),
    Page("POST", "/sign-up", PUBLIC, register, form=Registration, again=ask),
    Page("GET", "/sign-up/sent", PUBLIC, sent),
    Page("GET", "/verify-email", PUBLIC, opened),
    Page("POST", "/verify-email", PUBLIC, verify, form=Token, again=opened),
)
