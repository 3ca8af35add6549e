"""Ways to sign in at providers are linked by whoever is signed in, from our own pages, and taken away again."""

from plexe_auth.console.cookies import STATE, handed, taken
from plexe_auth.console.providers import named
from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import ANYBODY, Page, Visit
from plexe_auth.model.provider import known_as
from plexe_auth.secret import Secret
from plexe_auth.service.oauth import linked as identities
from plexe_auth.web.route import Nothing
from plexe_auth.wire import Response

_HERE = "/security/linked"
# What a browser says of where a request comes from, if it is not another site; an old one says nothing.
_OURS: tuple[list[str], ...] = (["same-origin"], ["none"], [])


async def page(services: Services, visit: Visit) -> Response:
    """List what is linked, and what can be."""
    found = await identities(services.world, visit.user.id)
    providers = [(one.name, known_as(one.id)) for one in services.world.settings.oauth]
    return services.draw.page("linked.html", visit, linked=found, providers=providers, titles=dict(providers))


async def begin(services: Services, visit: Visit) -> Response:
    """Send the browser to the provider. A link on another site's page, which could choose whom it links, does not."""
    if visit.request.fields.get("sec-fetch-site", []) not in _OURS:
        return redirect(visit.to(_HERE))
    provider = named(services, visit)
    back = services.world.links.to(f"{_HERE}/{provider}/callback")
    begun = await services.oauth.begin(provider, redirect_uri=back, user_id=visit.user.id)
    return redirect(begun.url, handed(STATE, Secret(begun.state_cookie)))


async def come_back(services: Services, visit: Visit) -> Response:
    """Link whoever the provider says it is."""
    provider, state = named(services, visit), visit.cookie(STATE).reveal()
    await services.oauth.link(visit.user.id, provider, state, visit.exchange.query)
    return redirect(visit.to(_HERE), taken(STATE))


async def unlink(services: Services, visit: Visit) -> Response:
    """Take a way to sign in away; the last one stays."""
    await services.oauth.unlink(visit.user.id, visit.id)
    return redirect(visit.to(_HERE))


PAGES = (
    Page("GET", _HERE, ANYBODY, page, recent=True),
    # On a stale proof both begin anew: neither another site's link nor a provider's code is gone on with later.
    Page("GET", f"{_HERE}/{{id}}/begin", ANYBODY, begin, again=page, recent=True, back=_HERE),
    Page("GET", f"{_HERE}/{{id}}/callback", ANYBODY, come_back, query=None, again=page, recent=True, back=_HERE),
    Page("POST", f"{_HERE}/{{id}}/unlink", ANYBODY, unlink, form=Nothing, again=page, recent=True),
)
