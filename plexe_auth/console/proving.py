"""Before what is sensitive, people prove once more who they are; a new session takes the old one's place."""

from msgspec import Struct

from plexe_auth.console.entering import session_handed
from plexe_auth.console.rendering import in_json, redirect
from plexe_auth.console.services import Services
from plexe_auth.console.signing_in import Next, wanted
from plexe_auth.console.visit import ANYBODY, Page, Visit
from plexe_auth.web.route import Nothing
from plexe_auth.wire import Response


class Proof(Struct):
    """A password, or the answer of a second factor."""

    method: str
    password: str | None = None
    response: str | None = None
    next: str = ""


async def ask(services: Services, visit: Visit) -> Response:
    """Show by what somebody can prove who they are."""
    methods = await services.ways.of(visit.user.id, visit.version)
    return services.draw.page("confirm.html", visit, then=wanted(visit), methods=methods)


async def prove(services: Services, visit: Visit) -> Response:
    """Hand over a session whose proof is new."""
    given: Proof = visit.form
    token = visit.session_token
    if given.method == "password":
        result = await services.sign_in.reauthenticate(token, password=given.password or "", client=visit.client)
    else:
        result = await services.sign_in.reauthenticate(
            token, method=given.method, response=given.response or "", client=visit.client
        )
    return redirect(wanted(visit), session_handed(services, result))


async def passkey(services: Services, visit: Visit) -> Response:
    """Say what to ask a passkey for."""
    asked = await services.sign_in.begin_passkey(visit.session_token, client=visit.client)
    return in_json({"options": asked.options})


PAGES = (
    Page("GET", "/confirm", ANYBODY, ask, query=Next, reads_twice=True),
    Page("POST", "/confirm", ANYBODY, prove, form=Proof, again=ask),
    Page("POST", "/confirm/passkey", ANYBODY, passkey, form=Nothing),
)
