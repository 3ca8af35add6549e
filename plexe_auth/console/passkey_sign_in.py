"""A passkey signs in alone: what it is asked for is bound to one browser by a cookie, and is good once."""

from msgspec import Struct

from plexe_auth.console.cookies import PASSKEY, handed
from plexe_auth.console.entering import entered
from plexe_auth.console.rendering import in_json
from plexe_auth.console.services import Services
from plexe_auth.console.signing_in import ask
from plexe_auth.console.visit import PUBLIC, Page, Visit
from plexe_auth.wire import Response


class Signed(Struct):
    """What the browser answered."""

    response: str
    next: str = ""


async def begin(services: Services, visit: Visit) -> Response:
    """Tell the page's script what to ask the browser for."""
    asked = await services.sign_in.begin_passkey(client=visit.client)
    return in_json({"options": asked.options}, handed(PASSKEY, asked.token))


async def by_passkey(services: Services, visit: Visit) -> Response:
    """Let in whoever's passkey has signed, or ask for another factor."""
    given: Signed = visit.form
    token = visit.cookie(PASSKEY).reveal()
    result = await services.sign_in.with_passkey(token, given.response, client=visit.client)
    return entered(services, visit, result, given.next, dropped=(PASSKEY,))


PAGES = (
    Page("POST", "/sign-in/passkey/begin", PUBLIC, begin),
    Page("POST", "/sign-in/passkey", PUBLIC, by_passkey, form=Signed, again=ask),
)
