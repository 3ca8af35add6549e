"""Whoever has proven who they are gets a session's cookie; whoever has to show a second factor, a challenge's."""

from collections.abc import Iterable
from urllib.parse import quote

from plexe_auth.console.cookies import CHALLENGE, handed, handed_session, taken
from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import Visit
from plexe_auth.model.challenge import Challenge
from plexe_auth.model.next_path import next_path
from plexe_auth.service.signed_in import SignedIn
from plexe_auth.wire import Header, Response


def entered(
    services: Services, visit: Visit, result: SignedIn | Challenge, then: str, dropped: Iterable[str] = ()
) -> Response:
    """Return the answer to a sign-in.

    Args:
        services: what draws the page with recovery codes, where there are new ones.
        visit: the one that ends in it.
        result: what came of it.
        then: the path to go on to; whatever is none of ours becomes the first page.
        dropped: cookies that have done their work.
    """
    place = next_path(then, visit.to("/"))
    gone = tuple(map(taken, dropped))
    if isinstance(result, Challenge):
        page = "/sign-in/add-factor" if result.must_enrol else "/sign-in/second-factor"
        return redirect(with_next(visit.to(page), place), handed(CHALLENGE, result.token), *gone)
    headers = (session_handed(services, result), *gone)
    if result.recovery_codes:
        return services.draw.page(
            "recovery_codes.html", visit, codes=result.recovery_codes, then=place, headers=headers
        )
    return redirect(place, *headers)


def session_handed(services: Services, result: SignedIn) -> Header:
    """Return the header that hands over the session that somebody has begun."""
    return handed_session(result.token, result.session.expires_at - services.now())


def with_next(page: str, place: str) -> str:
    """Return the path of a page that leads on to another one."""
    return f"{page}?next={quote(place, safe='/')}"
