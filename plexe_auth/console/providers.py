"""Signing in at a provider: where it sends the browser back to is ours to say, and never the request's."""

from plexe_auth.console.cookies import STATE, handed
from plexe_auth.console.entering import entered
from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.signing_in import Next, ask, wanted
from plexe_auth.console.visit import PUBLIC, Page, Visit
from plexe_auth.errors import NotFound
from plexe_auth.secret import Secret
from plexe_auth.wire import Response


async def begin(services: Services, visit: Visit) -> Response:
    """Send the browser to the provider."""
    provider = named(services, visit)
    back = services.world.links.to(f"/sign-in/with/{provider}/callback")
    begun = await services.oauth.begin(provider, redirect_uri=back, next=wanted(visit))
    return redirect(begun.url, handed(STATE, Secret(begun.state_cookie)))


async def come_back(services: Services, visit: Visit) -> Response:
    """Let in whoever the provider says it is, or ask for a second factor."""
    provider, state = named(services, visit), visit.cookie(STATE).reveal()
    result = await services.oauth.complete(provider, state, visit.exchange.query, client=visit.client)
    return entered(services, visit, result, result.next, dropped=(STATE,))


def named(services: Services, visit: Visit) -> str:
    """Return the provider that a path names.

    Raises:
        NotFound: there is none.
    """
    if visit.id not in {one.name for one in services.world.settings.oauth}:
        raise NotFound
    return visit.id


PAGES = (
    Page("GET", "/sign-in/with/{id}", PUBLIC, begin, query=Next, again=ask),
    Page("GET", "/sign-in/with/{id}/callback", PUBLIC, come_back, query=None, again=ask),
)
