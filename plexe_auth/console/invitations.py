"""Who was asked to join the account, and has not joined it yet."""

from msgspec import Struct

from plexe_auth.console.listed import Listed, after
from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import Page, Visit
from plexe_auth.model.role import within
from plexe_auth.web.route import Nothing
from plexe_auth.wire import Response

_READ, _MANAGE = "users:read", "users:manage"
_HERE = "/members/invitations"


class Asked(Struct):
    """Whom to ask to join, and as what."""

    email: str
    role: str = "member"


async def page(services: Services, visit: Visit) -> Response:
    """List the invitations that are open."""
    invitations = await services.invitations.page(visit.who.account_id, after(visit))
    return services.draw.page("invitations.html", visit, invitations=invitations, roles=within(visit.user.role))


async def invite(services: Services, visit: Visit) -> Response:
    """Send somebody a letter by which they join."""
    given: Asked = visit.form
    await services.invitations.create(visit.who.account_id, given.email, given.role, by=visit.who)
    return redirect(visit.to(_HERE))


async def withdraw(services: Services, visit: Visit) -> Response:
    """Take an invitation back."""
    await services.invitations.revoke(visit.id, by=visit.who)
    return redirect(visit.to(_HERE))


PAGES = (
    Page("GET", _HERE, _READ, page, query=Listed),
    Page("POST", "/members/invite", _MANAGE, invite, form=Asked, again=page, recent=True),
    Page("POST", f"{_HERE}/{{id}}/revoke", _MANAGE, withdraw, form=Nothing, recent=True),
)
