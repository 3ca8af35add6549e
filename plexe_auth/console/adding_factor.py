"""Whose account demands a second factor, and who has none, adds one before they are in, and gets recovery codes."""

from markupsafe import Markup
from msgspec import Struct

from plexe_auth.console.cookies import CHALLENGE
from plexe_auth.console.entering import entered, with_next
from plexe_auth.console.rendering import redirect
from plexe_auth.console.second_factor import over
from plexe_auth.console.services import Services
from plexe_auth.console.signing_in import Next, wanted
from plexe_auth.console.visit import PUBLIC, Page, Visit
from plexe_auth.errors import InvalidCredentials, NotFound
from plexe_auth.secret import Secret
from plexe_auth.wire import Response


class Confirmation(Struct):
    """What the new app shows."""

    enrolment: str
    code: str
    next: str = ""


async def offer(services: Services, visit: Visit) -> Response:
    """Say that a second factor is due, and show the button that begins one."""
    try:
        methods = await services.sign_in.open_methods(visit.challenge_token)
    except InvalidCredentials:
        return over(visit)
    if set(methods) - {"recovery"}:  # which is told whether they have codes or not
        return over(visit)
    return services.draw.page("add_factor.html", visit, then=wanted(visit))


async def begin(services: Services, visit: Visit) -> Response:
    """Show what the app has to read. It takes the place of what was begun before."""
    try:
        begun = await services.sign_in.begin_totp(visit.challenge_token)
    except InvalidCredentials:
        return over(visit)
    picture = Markup(begun.svg)  # noqa: S704 - drawn by us; nothing that somebody typed stands in it
    return _page(services, visit, begun.id, begun.secret, picture)


async def again(services: Services, visit: Visit) -> Response:
    """Ask for the code once more, by what the app has read: nothing is begun anew."""
    try:
        await services.sign_in.open_methods(visit.challenge_token)
    except InvalidCredentials:
        return over(visit)
    return _page(services, visit, visit.sent.get("enrolment", ""))


async def confirm(services: Services, visit: Visit) -> Response:
    """Let in whoever's app shows the right code, and show them their recovery codes."""
    given: Confirmation = visit.form
    token = visit.challenge_token
    try:
        result = await services.sign_in.confirm_totp(token, given.enrolment, given.code, client=visit.client)
    except NotFound:  # another page has begun one since
        return redirect(with_next(visit.to("/sign-in/add-factor"), wanted(visit)))
    return entered(services, visit, result, given.next, dropped=(CHALLENGE,))


def _page(
    services: Services, visit: Visit, enrolment: str, secret: Secret | None = None, picture: Markup | None = None
) -> Response:
    told = {"enrolment": enrolment, "secret": secret, "picture": picture}
    return services.draw.page("add_factor_app.html", visit, then=wanted(visit), shown=told)


PAGES = (
    Page("GET", "/sign-in/add-factor", PUBLIC, offer, query=Next),
    Page("POST", "/sign-in/add-factor/begin", PUBLIC, begin, form=Next),
    Page("POST", "/sign-in/add-factor", PUBLIC, confirm, form=Confirmation, again=again),
)
