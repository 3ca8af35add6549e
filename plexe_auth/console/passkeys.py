"""Passkeys of whoever is signed in: added by their browser, named, and removed."""

from msgspec import Struct

from plexe_auth.console.rendering import in_json, redirect
from plexe_auth.console.services import Services
from plexe_auth.console.two_step import shown
from plexe_auth.console.visit import ANYBODY, Page, Visit
from plexe_auth.service.passkey_factors import listed
from plexe_auth.web.route import Nothing
from plexe_auth.wire import Response

_HERE = "/security/passkeys"


class Made(Struct):
    """What the browser has made, and what it is called."""

    enrolment: str
    response: str
    name: str


class Name(Struct):
    """What a passkey is called."""

    name: str


async def page(services: Services, visit: Visit) -> Response:
    """List the passkeys."""
    found = await listed(services.world, visit.user.id)
    return services.draw.page("passkeys.html", visit, passkeys=found)


async def begin(services: Services, visit: Visit) -> Response:
    """Say what to ask the browser for."""
    begun = await services.mfa.begin_passkey(visit.user.id)
    return in_json({"options": begun.options, "id": begun.id})


async def finish(services: Services, visit: Visit) -> Response:
    """Add the passkey; with the first second factor come recovery codes."""
    given: Made = visit.form
    added = await services.mfa.finish_passkey(
        visit.user.id, given.enrolment, given.response, given.name, keep=visit.who.id
    )
    if added.recovery_codes:
        return shown(services, visit, added.recovery_codes, _HERE)
    return redirect(visit.to(_HERE))


async def rename(services: Services, visit: Visit) -> Response:
    """Call it something else."""
    await services.mfa.rename_passkey(visit.user.id, visit.id, visit.form.name)
    return redirect(visit.to(_HERE))


async def remove(services: Services, visit: Visit) -> Response:
    """Take it away."""
    await services.mfa.remove_passkey(visit.user.id, visit.id, keep=visit.who.id)
    return redirect(visit.to(_HERE))


PAGES = (
    Page("GET", _HERE, ANYBODY, page, recent=True),
    Page("POST", f"{_HERE}/begin", ANYBODY, begin, form=Nothing, recent=True),
    Page("POST", _HERE, ANYBODY, finish, form=Made, again=page, recent=True),
    Page("POST", f"{_HERE}/{{id}}/rename", ANYBODY, rename, form=Name, again=page, recent=True),
    Page("POST", f"{_HERE}/{{id}}/remove", ANYBODY, remove, form=Nothing, again=page, recent=True),
)
