"""Who belongs to the account, and as what."""

from msgspec import Struct

from plexe_auth.console.listed import Listed, after
from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import Page, Visit
from plexe_auth.model.role import within
from plexe_auth.web.route import Nothing
from plexe_auth.wire import Response

_READ, _MANAGE = "users:read", "users:manage"
_SHOWN = 50


class Role(Struct):
    """What somebody shall be."""

    role: str


async def page(services: Services, visit: Visit) -> Response:
    """List people."""
    people = await services.users.page(visit.who.account_id, after(visit), _SHOWN)
    return services.draw.page("members.html", visit, people=people, roles=within(visit.user.role))


async def change_role(services: Services, visit: Visit) -> Response:
    """Make somebody something else."""
    await services.users.change_role(visit.id, visit.form.role, by=visit.who)
    return redirect(visit.to("/members"))


async def disable(services: Services, visit: Visit) -> Response:
    """Have somebody sign in no more."""
    await services.users.disable(visit.id, by=visit.who)
    return redirect(visit.to("/members"))


async def enable(services: Services, visit: Visit) -> Response:
    """Let somebody sign in again."""
    await services.users.enable(visit.id, by=visit.who)
    return redirect(visit.to("/members"))


PAGES = (
    Page("GET", "/members", _READ, page, query=Listed),
    Page("POST", "/members/{id}/role", _MANAGE, change_role, form=Role, again=page, recent=True),
    Page("POST", "/members/{id}/disable", _MANAGE, disable, form=Nothing, again=page, recent=True),
    Page("POST", "/members/{id}/enable", _MANAGE, enable, form=Nothing, again=page, recent=True),
)
