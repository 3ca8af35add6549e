"""A row is found by the id that somebody gives; what no id of ours can look like is not looked up."""

from plexe_auth.model.text import may_be_id
from plexe_auth.rows import Row
from plexe_auth.world import World


async def by_id(world: World, table: str, given: object) -> Row | None:
    """Return the row of a table with this id, if there is one."""
    return await world.store.get(table, "id", given) if may_be_id(given) else None
