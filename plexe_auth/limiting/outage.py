"""What becomes of a limit when nobody can count it: a strict count in this process, or no answer. Never no limit."""

import logging
import time
from collections.abc import Callable

from plexe_auth.errors import Unavailable
from plexe_auth.limiting.limiter import Asked, Limiter, Tally
from plexe_auth.limiting.memory import MemoryLimiter
from plexe_auth.model.rate import windows

SHARE = 10
"""Each process lets pass this part of a rate, and at least one request in a window, while the backend is down."""

_PAUSE = 1.0
_log = logging.getLogger(__name__)


class Guarded:
    """A `Limiter` over one that may be `Unavailable`. Who finds it so waits; those of the next second do not.

    How long is the backend's to say: servers for counting are given a second, the store what it takes for everything.

    Args:
        limiter: the one that may be.
        floor: counts meanwhile, or ``None``: then nothing is answered.
        place: how the backend is called in the log.
        elapsed: what tells seconds apart.
    """

    hit_now = None

    def __init__(
        self, limiter: Limiter, floor: MemoryLimiter | None, place: str, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._limiter = limiter
        self._floor = floor
        self._place = place
        self._elapsed = elapsed
        self._down_until: float | None = None

    async def hit(self, *asked: Asked) -> Tally:
        """See `Limiter`."""
        if self._down_until is not None:
            if self._elapsed() < self._down_until:
                return await self._without(asked)
            self._down_until = self._elapsed() + _PAUSE  # this one tries; the others go on without
        try:
            tally = await self._limiter.hit(*asked)
        except Unavailable as error:
            self._goes_down(error)
            return await self._without(asked)
        self._comes_back()
        return tally

    async def close(self) -> None:
        """See `Limiter`."""
        await self._limiter.close()

    async def _without(self, asked: tuple[Asked, ...]) -> Tally:
        if self._floor is None:
            raise Unavailable
        return await self._floor.hit(*(Asked(bucket, strict(rate)) for bucket, rate in asked))

    def _goes_down(self, error: Unavailable) -> None:
        if self._down_until is None:
            meanwhile = "requests are refused" if self._floor is None else f"each process counts 1/{SHARE} of each rate"
            cause = type(error.__cause__).__name__  # not its text, which may name anything
            _log.warning("rate limits are not counted at %s (%s); %s", self._place, cause, meanwhile)
        self._down_until = self._elapsed() + _PAUSE

    def _comes_back(self) -> None:
        if self._down_until is not None:
            self._down_until = None
            _log.warning("rate limits are counted at %s again", self._place)


def strict(rate: str) -> str:
    """Return the rate that one process may let pass while the backend is down.

    Example:
        >>> strict("100/minute; 5/second")
        '10/60 second;1/1 second'
    """
    return ";".join(f"{max(1, window.count // SHARE)}/{window.seconds} second" for window in windows(rate))
