"""An attempt is counted before anything is looked at or hashed; one that exceeds a budget goes no further."""

from plexe_auth.errors import RateLimitExceeded
from plexe_auth.model.budget import (
    CHANGES,
    ELSEWHERE,
    FACTORS,
    FACTORS_DAILY,
    HERE,
    LETTERS_FROM,
    LETTERS_TO,
    NETWORK,
    Budget,
)
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.network import neighbourhood
from plexe_auth.rows import Delete, Query, at_most, equal
from plexe_auth.world import World

_SECOND = 1_000_000
# One new bucket in sixteen takes those away that are over: however many addresses are tried, few rows stay, and hardly
# anybody waits for it.
_SWEEPS = "0"


class Attempts:
    """The budgets of those who sign in."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self, canonical: str, ip: str | None) -> None:
        """Count an attempt of one network.

        Raises:
            RateLimitExceeded: there were too many; whether there is such an account changes nothing.
        """
        network = neighbourhood(ip)
        await self.network(ip)
        await self._spend(HERE, network, canonical)

    async def network(self, ip: str | None) -> None:
        """Count an attempt of a network at somebody of whom nothing is known yet.

        Raises:
            RateLimitExceeded: there were too many.
        """
        if ip is not None:  # else all who come from nowhere would share it
            await self._spend(NETWORK, neighbourhood(ip))

    async def factor(self, user_id: str) -> None:
        """Count an answer with a second factor, whichever it is.

        Raises:
            RateLimitExceeded: there were too many.
        """
        await self._spend(FACTORS, user_id)
        await self._spend(FACTORS_DAILY, user_id)

    async def change(self, user_id: str) -> None:
        """Count an attempt to change a password by the one so far.

        Raises:
            RateLimitExceeded: there were too many.
        """
        await self._spend(CHANGES, user_id)

    async def letter(self, canonical: str, ip: str | None) -> None:
        """Count a letter that somebody asks for.

        Raises:
            RateLimitExceeded: there were too many to this address, or from this network.
        """
        if ip is not None:
            await self._spend(LETTERS_FROM, neighbourhood(ip))
        await self._spend(LETTERS_TO, canonical)

    async def from_elsewhere(self, canonical: str, user_id: str, ip: str | None) -> None:
        """Count an attempt against those of all unknown networks, unless this user has signed in from this one.

        Raises:
            RateLimitExceeded: there were too many.
        """
        network = neighbourhood(ip)
        known = (equal("user_id", user_id), equal("network", network))
        if not await self._world.store.page(Query("sessions", known, ("created_at", "id"), limit=1)):
            await self._spend(ELSEWHERE, canonical)

    async def _spend(self, budget: Budget, *parts: str) -> None:
        now, bucket = to_microseconds(self._world.now()), budget.bucket(*parts)
        spent = await self._world.store.spend(bucket, budget.limit, budget.window, now)
        if spent.count == 1 and bucket.endswith(_SWEEPS):
            await self._world.store.commit(Delete("budgets", (at_most("resets_at", now),), several=True))
        if spent.count > budget.limit:
            raise RateLimitExceeded(retry_after=max(1, -(-(spent.resets_at - now) // _SECOND)))
