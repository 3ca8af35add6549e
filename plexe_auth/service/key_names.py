"""What keys are called, and nothing else of them."""

from collections.abc import Mapping

from plexe_auth.rows import Query, equal
from plexe_auth.world import World


async def key_names(world: World, account_id: str, most: int) -> Mapping[str, str]:
    """Return what an account's newest keys are called, by their ids, in one read.

    Raises:
        Unavailable: the store does not answer.
    """
    newest = Query("keys", (equal("account_id", account_id),), ("created_at", "id"), limit=most)
    return {row["id"]: row["name"] for row in await world.store.page(newest)}
