"""Who belongs to the account, as what, and who was asked to join."""

import functools

from msgspec import Struct

from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import Page, Visit
from plexe_auth.model.role import ROLES, permissions
from plexe_auth.web.route import Nothing
from plexe_auth.wire import Response

_READ, _MANAGE = "users:read", "users:manage"
_SHOWN = 50


class Listed(Struct):
    """Which of the people."""

    after: str | None = None


class Asked(Struct):
    """Whom to ask to join, and as what."""

    email: str
    role: str = "member"


class Role(Struct):
    """What somebody shall be."""

    role: str


async def page(services: Services, visit: Visit) -> Response:
    """List people, and the invitations that are open."""
    account = visit.who.account_id
    after = visit.query.after if isinstance(visit.query, Listed) else None
    people = await services.users.page(account, after, _SHOWN)
    invitations = await services.invitations.page(account)
    given = _within(visit.user.role)
    return services.draw.page("members.html", visit, people=people, invitations=invitations, roles=given)


@functools.cache
def _within(role: str) -> tuple[str, ...]:
    """Return the roles that whoever has this one may give."""
    return tuple(one for one in ROLES if permissions(one) <= permissions(role))


async def invite(services: Services, visit: Visit) -> Response:
    """Send somebody a letter by which they join."""
    given: Asked = visit.form
    await services.invitations.create(visit.who.account_id, given.email, given.role, by=visit.who)
    return redirect(visit.to("/members"))


async def withdraw(services: Services, visit: Visit) -> Response:
    """Take an invitation back."""
    await services.invitations.revoke(visit.id, by=visit.who)
    return redirect(visit.to("/members"))


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
    Page("GET", "/members", _READ, page, query=Listed, reads_twice=True),
    Page("POST", "/members/invite", _MANAGE, invite, form=Asked, again=page, recent=True),
    Page("POST", "/members/invitations/{id}/revoke", _MANAGE, withdraw, form=Nothing, recent=True),
    Page("POST", "/members/{id}/role", _MANAGE, change_role, form=Role, again=page, recent=True),
    Page("POST", "/members/{id}/disable", _MANAGE, disable, form=Nothing, again=page, recent=True),
    Page("POST", "/members/{id}/enable", _MANAGE, enable, form=Nothing, again=page, recent=True),
)
