"""Whoever signs in from where they have never been is told by mail: if it was not them, they learn of it there."""

from plexe_auth.model.client import Client
from plexe_auth.model.network import neighbourhood
from plexe_auth.rows import Compare, Query, Row, equal
from plexe_auth.service.posting import forgot, post
from plexe_auth.world import World


async def is_new(world: World, user_id: str, client: Client) -> bool:
    """Tell whether a user has signed in before, and never from this network (IPv6 by /64).

    A network is what their own budget goes by, too. Sessions are kept for 90 days after their end, and who has signed
    in nowhere before knows that they are just doing so.
    """
    if world.outbox is None or client.ip is None:
        return False
    theirs, here = equal("user_id", user_id), equal("network", neighbourhood(client.ip))
    return not await _any(world, theirs, here) and await _any(world, theirs)


def told(world: World, user: Row, client: Client) -> None:
    """Tell a user by mail that somebody has signed in as them from a new place."""
    at, device = world.now(), client.user_agent or ""
    post(world, lambda letters, links: letters.new_device(user["email"], forgot(links), at, device, client.ip))


async def _any(world: World, *where: Compare) -> bool:
    return bool(await world.store.page(Query("sessions", where, ("created_at", "id"), limit=1)))
