"""Fixtures of the limits: a limiter of each kind on each face, called plainly, with a clock that stands still."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plexe_auth import Settings
from plexe_auth.bridge import finish
from plexe_auth.clock import Clock as AnyClock
from plexe_auth.limiting.limiter import Asked, Limiter, Tally, Told
from plexe_auth.limiting.opening import open_limiter
from tests.conftest import Clock
from tests.faces import Loop
from tests.stores import emptied

STRATEGIES = ("sliding", "moving", "fixed")
BACKENDS = ("memory", "sqlite", "postgresql", "mariadb", "redis", "valkey", "memcached")
KINDS = [(one, how) for one in BACKENDS for how in STRATEGIES if (one, how) != ("memcached", "moving")]

PATIENT = "socket_timeout=20&socket_connect_timeout=20&timeout=20"  # how fast a busy machine is, is no law of ours

Opener = Callable[..., "Plain"]


def hit(limiter: Limiter, bucket: str, rate: str) -> Tally:
    """Count one request in one bucket of a limiter that waits for nobody."""
    tally: Tally = finish(limiter.hit(Asked(bucket, rate)))
    return tally


def patient(url: str) -> str:
    """Return the URL of a counting server whose answer is waited for, where its client knows how to."""
    return url if url.startswith("memcached") else f"{url}?{PATIENT}"


class Plain:
    """A limiter that is called plainly, and asked about one bucket that is new."""

    def __init__(self, limiter: Limiter, run: Callable[[Any], Any]) -> None:
        self.limiter = limiter
        self.run = run
        self.bucket = uuid.uuid4().hex

    def hit(self, *rates: str) -> Tally:
        """Ask for each rate in a bucket of its own."""
        asked = [Asked(f"{self.bucket}{place}", rate) for place, rate in enumerate(rates)]
        tally: Tally = self.run(self.limiter.hit(*asked))
        # Written down, because one in memory goes on counting.
        return Told(tally.allowed, *tally.stands(), tally.retry_after, tally.policy)

    def passed(self, times: int, *rates: str) -> int:
        return sum(self.hit(*rates).allowed for _ in range(times))


@pytest.fixture
def opening(opened: Callable[..., Any], loop: Loop) -> Iterator[Opener]:
    """Opens limiters, over a store where no other place is named, and closes them after the test."""
    closing: list[Plain] = []

    def open_(face: str, clock: AnyClock, store: str = "memory://", **settings: Any) -> Plain:
        auth = opened(face, store, clock=clock)
        world = auth.world if face == "blocking" else auth.awaited.world
        run = finish if face == "blocking" else loop.run
        limiter = open_limiter(Settings(**settings), world.store, clock, blocking=face == "blocking")
        closing.append(Plain(limiter, run))
        return closing[-1]

    yield open_
    for one in closing:
        one.run(one.limiter.close())


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Callable[[str], dict[str, str]]:
    """Returns where a kind of backend is, as arguments to `opening`."""

    def place(backend: str) -> dict[str, str]:
        if backend == "memory":
            return {"rate_storage": "memory://"}
        if backend == "sqlite":
            return {"store": f"sqlite:///{request.getfixturevalue('tmp_path')}/auth.db"}
        url = request.getfixturevalue(f"{backend}_url")
        return {"store": emptied(url)} if backend in ("postgresql", "mariadb") else {"rate_storage": patient(url)}

    return place


@pytest.fixture(params=KINDS, ids="-".join)
def limiter(
    request: pytest.FixtureRequest, face: str, opening: Opener, clock: Clock, place: Callable[[str], dict[str, str]]
) -> Plain:
    """A limiter of each kind and strategy on each face."""
    backend, strategy = request.param
    return opening(face, clock, rate_strategy=strategy, **place(backend))
