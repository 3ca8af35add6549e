"""A challenge's cookie opens the answer to it and nothing else; when it is over, one signs in anew."""

from msgspec import Struct

from plexe_auth.console.cookies import CHALLENGE, taken
from plexe_auth.console.entering import entered, with_next
from plexe_auth.console.rendering import in_json, redirect
from plexe_auth.console.services import Services
from plexe_auth.console.signing_in import Next, wanted
from plexe_auth.console.visit import PUBLIC, Page, Visit
from plexe_auth.errors import InvalidCredentials, InvalidRequest
from plexe_auth.wire import Response


class Asked(Next):
    """Whether a code was sent by mail, too."""

    mailed: str = ""


class Answer(Struct):
    """An answer. Each way has a field of its own, so that one page can show all of them."""

    totp: str = ""
    mailed: str = ""
    recovery: str = ""
    response: str = ""  # of a passkey
    next: str = ""


_WAYS = {"totp": "totp", "mailed": "email", "recovery": "recovery", "response": "passkey"}


async def ask(services: Services, visit: Visit) -> Response:
    """Show by what the challenge can be answered."""
    try:
        methods = await services.sign_in.open_methods(visit.challenge_token)
    except InvalidCredentials:
        return over(visit)
    mailed = "mailed" in visit.sent or (isinstance(visit.query, Asked) and bool(visit.query.mailed))
    return services.draw.page("second_factor.html", visit, methods=methods, then=wanted(visit), mailed=mailed)


async def answer(services: Services, visit: Visit) -> Response:
    """Let in whoever has answered."""
    given: Answer = visit.form
    field = next((one for one in _WAYS if getattr(given, one)), None)
    if field is None:
        raise InvalidRequest("Please fill in a code.")
    result = await services.sign_in.answer(
        visit.challenge_token, _WAYS[field], getattr(given, field), client=visit.client
    )
    return entered(services, visit, result, given.next, dropped=(CHALLENGE,))


async def send_code(services: Services, visit: Visit) -> Response:
    """Send a code by mail, and show where to type it in."""
    await services.sign_in.send_code(visit.challenge_token)
    return redirect(f"{with_next(visit.to('/sign-in/second-factor'), wanted(visit))}&mailed=yes")


async def begin_passkey(services: Services, visit: Visit) -> Response:
    """Tell the page's script what to ask the browser for."""
    token = visit.challenge_token
    return in_json({"options": (await services.sign_in.begin_passkey(token, client=visit.client)).options})


def over(visit: Visit) -> Response:
    """Send somebody whose challenge is over to where they get another one."""
    return redirect(f"{with_next(visit.to('/sign-in'), wanted(visit))}&done=over", taken(CHALLENGE))


PAGES = (
    Page("GET", "/sign-in/second-factor", PUBLIC, ask, query=Asked),
    Page("POST", "/sign-in/second-factor", PUBLIC, answer, form=Answer, again=ask),
    Page("POST", "/sign-in/second-factor/code", PUBLIC, send_code, form=Next, again=ask),
    Page("POST", "/sign-in/second-factor/passkey", PUBLIC, begin_passkey),
)
