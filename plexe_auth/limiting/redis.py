"""Counts in Redis or Valkey: one script call a request, which counts in all windows or in none.

Where the world's clock is the host's own, time is the server's: processes on several hosts then agree on it.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from plexe_auth.limiting.counting import Count, Standing, moved, standing, told
from plexe_auth.limiting.limiter import SECOND, Asked, Place, Strategy, Tally, name_of, places
from plexe_auth.limiting.scripts import COUNT, MOVE


class Scripted(Protocol):
    """Runs a script on the server."""

    async def run(self, keys: Sequence[str], arguments: Sequence[str | int]) -> Sequence[int]:
        """Return what the script answers.

        Raises:
            Unavailable: the server does not.
        """
        ...

    async def close(self) -> None:
        """Close what is open. Calling it again does nothing."""
        ...


def script(strategy: Strategy) -> str:
    """Return the script for a strategy."""
    return MOVE if strategy == "moving" else COUNT


class RedisLimiter:
    """A `Limiter` on a server that runs scripts.

    Args:
        server: where the `script` of this strategy runs.
        now: gives the microseconds since 1970, or ``None`` where the server's own time counts.
        strategy: how it counts.
    """

    hit_now = None

    def __init__(self, server: Scripted, now: Callable[[], int] | None, strategy: Strategy = "sliding") -> None:
        self._server = server
        self._now = now
        self._strategy = strategy
        self._sliding = strategy == "sliding"

    async def hit(self, *asked: Asked) -> Tally:
        """See `Limiter`."""
        wanted = places(asked)
        keys = [f"plexe_auth:rate:{self._strategy}:{window.seconds}:{name_of(bucket)}" for bucket, window in wanted]
        arguments: list[str | int] = ["" if self._now is None else self._now(), int(self._sliding)]
        for _bucket, window in wanted:
            arguments += (window.count, window.seconds * SECOND)
        allowed, now, *found = await self._server.run(keys, arguments)
        triples = zip(found[::3], found[1::3], found[2::3], strict=True)
        tally = told([self._standing(place, triple, now) for place, triple in zip(wanted, triples, strict=True)])
        # Doubles may see one more or less than whole numbers do, where a product passes 2 ** 53. The server decides.
        return tally._replace(allowed=bool(allowed), retry_after=0 if allowed else max(1, tally.retry_after))

    async def close(self) -> None:
        """See `Limiter`."""
        await self._server.close()

    def _standing(self, place: Place, numbers: tuple[int, int, int], now: int) -> Standing:
        _bucket, window = place
        if self._strategy == "moving":
            return moved(window, *numbers, now)
        return standing(window, Count(*numbers), now, sliding=self._sliding)
