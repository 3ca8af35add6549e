"""Where somebody is signed in, and how they sign out there."""

from plexe_auth.console.listed import Listed, after
from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import ANYBODY, Page, Visit
from plexe_auth.web.route import Nothing
from plexe_auth.wire import Response

_HERE = "/security/sessions"


async def page(services: Services, visit: Visit) -> Response:
    """List the sessions that can be used, this one among them."""
    found = await services.sessions.page(visit.user.id, after(visit))
    now = services.now()
    live = [one for one in found.items if one.status(now) == "active"]
    return services.draw.page("sessions.html", visit, sessions=live, older=found.next)


async def end(services: Services, visit: Visit) -> Response:
    """Sign out there."""
    await services.sessions.revoke(visit.id, user_id=visit.user.id)
    return redirect(visit.to(_HERE))


async def end_others(services: Services, visit: Visit) -> Response:
    """Sign out everywhere but here."""
    await services.sessions.revoke_all(visit.user.id, keep=visit.who.id)
    return redirect(visit.to(_HERE))


PAGES = (
    Page("GET", _HERE, ANYBODY, page, query=Listed, recent=True),
    Page("POST", f"{_HERE}/{{id}}/end", ANYBODY, end, form=Nothing, recent=True),
    Page("POST", f"{_HERE}/end-others", ANYBODY, end_others, form=Nothing, recent=True),
)
