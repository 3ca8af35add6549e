"""Of each state of a person it is known which second factors they have: what changes these makes another state."""

from plexe_auth.service.factors import enrolled
from plexe_auth.world import World

_MOST = 4096


class Ways:
    """What was found for some states of people."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[tuple[str, int], frozenset[str]] = {}

    async def of(self, user_id: str, version: int) -> frozenset[str]:
        """Return the kinds of a person's confirmed factors, and no recovery code.

        Args:
            user_id: whose.
            version: in which state they are now.
        """
        known = self._known.get((user_id, version))
        if known is None:
            known = frozenset(await enrolled(self._world, user_id))
            if len(self._known) >= _MOST:
                self._known = {}
            self._known[user_id, version] = known
        return known
