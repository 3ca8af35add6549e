"""The port: a limiter counts one request in all windows asked for, or in none, and tells how they stand then."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, Protocol

from plexe_auth.limiting.hold import NO_PLACES, Hold
from plexe_auth.model.rate import Window, windows

SECOND = 1_000_000
PATIENCE = 1.0  # seconds that a request waits for another server: to connect, for an answer
Ticks = Callable[[], int]  # gives the nanoseconds since 1970


class Asked(NamedTuple):
    """One rate, in the grammar of `plexe_auth.model.rate`, and the bucket that it is counted in."""

    bucket: str
    rate: str


class Tally(Protocol):
    """How the windows stand after a request was counted, or refused.

    What is not asked for is not computed, so ask at once: the next request in that bucket changes the answer.
    """

    @property
    def allowed(self) -> bool:
        """Whether the request was counted. Where it was not, nothing was."""
        ...

    @property
    def retry_after(self) -> int:
        """How long to wait after a refusal: whole seconds, at least 1 and at least the true wait. Else 0."""
        ...

    @property
    def policy(self) -> Window:
        """The window that is nearest to refusing; the numbers speak of it."""
        ...

    def stands(self) -> tuple[int, int]:
        """Return how many more fit into it now, and in how many whole seconds more will fit."""
        ...

    @property
    def held(self) -> Hold:
        """What fits for certain by now, where that is known. A place of it is a request for that rate, and counted."""
        ...


class Told(NamedTuple):
    """A `Tally` with every number worked out."""

    allowed: bool
    remaining: int
    reset: int
    retry_after: int
    policy: Window

    def stands(self) -> tuple[int, int]:
        """See `Tally`."""
        return self.remaining, self.reset

    @property
    def held(self) -> Hold:
        """Nothing is known of others."""
        return NO_PLACES


class Limiter(Protocol):
    """Counts requests.

    Attributes:
        hit_now: where it answers without waiting for anybody, `hit` for one rate as a plain function of bucket,
            rate and the time, in nanoseconds since 1970; else ``None``.
    """

    @property
    def hit_now(self) -> Callable[[str, str, int], Tally] | None:
        """See above."""
        ...

    async def hit(self, *asked: Asked) -> Tally:
        """Count one request in every window of every rate asked for, or in none of them.

        Raises:
            Unavailable: it cannot be counted, and nothing may be taken for granted.
        """
        ...

    async def close(self) -> None:
        """Give everything back. Calling it again does nothing."""
        ...


Place = tuple[str, Window]
Strategy = Literal["sliding", "moving", "fixed"]


def name_of(place: str) -> str:
    """Return a name for what is counted there: always as long, and it tells no address or account to who reads it."""
    return hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()


def places(asked: Iterable[Asked]) -> list[Place]:
    """Return each window with its bucket, always in the same order; of two as long in one bucket the stricter."""
    found: dict[tuple[str, int], Window] = {}
    for bucket, rate in asked:
        for window in windows(rate):
            other = found.setdefault((bucket, window.seconds), window)
            if window.count < other.count:
                found[bucket, window.seconds] = window
    return [(bucket, found[bucket, seconds]) for bucket, seconds in sorted(found)]
