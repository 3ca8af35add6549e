"""Address and password of whoever is signed in; all of it asks for a recent proof, and other sessions end with it."""

from msgspec import Struct

from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import ANYBODY, Page, Visit
from plexe_auth.web.route import Nothing
from plexe_auth.wire import Response


class Done(Struct):
    """What was just done."""

    done: str = ""


class Passwords(Struct):
    """The password so far, and another one."""

    old: str
    new: str


class Address(Struct):
    """Another address."""

    new: str


async def page(services: Services, visit: Visit) -> Response:
    """Show address and role, and the forms."""
    done = visit.query.done if isinstance(visit.query, Done) else ""
    return services.draw.page("security.html", visit, done=done)


async def change_password(services: Services, visit: Visit) -> Response:
    """Set another password; all other sessions end."""
    given: Passwords = visit.form
    await services.users.change_password(visit.user.id, given.old, given.new, keep=visit.who.id)
    return redirect(visit.to("/security?done=password"))


async def change_email(services: Services, visit: Visit) -> Response:
    """Send a letter to another address; nothing is changed before its link is opened."""
    await services.users.change_email(visit.user.id, visit.form.new)
    return redirect(visit.to("/security?done=email"))


async def verify_email(services: Services, visit: Visit) -> Response:
    """Send a letter by which the address is proven."""
    await services.users.request_verification(visit.user.id)
    return redirect(visit.to("/security?done=email"))


PAGES = (
    Page("GET", "/security", ANYBODY, page, query=Done, recent=True),
    Page("POST", "/security/password", ANYBODY, change_password, form=Passwords, again=page, recent=True),
    Page("POST", "/security/email", ANYBODY, change_email, form=Address, again=page, recent=True),
    Page("POST", "/security/verification", ANYBODY, verify_email, form=Nothing, again=page, recent=True),
)
