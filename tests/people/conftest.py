"""Hashers of both colours, as cheap as Argon2 can be."""

from collections.abc import Callable, Iterator

import pytest

from plexe_auth.bridge import finish
from plexe_auth.hashing.hasher import Hasher
from plexe_auth.hashing.parameters import FOR_TESTS, Parameters
from tests.faces import Loop
from tests.people.hashers import Plain


@pytest.fixture
def make(face: str, loop: Loop) -> Iterator[Callable[..., Plain]]:
    made: list[Plain] = []

    def make_(parameters: Parameters = FOR_TESTS, *, parallel: int = 2, older: str | None = None) -> Plain:
        run = finish if face == "blocking" else loop.run
        made.append(Plain(Hasher(parameters, parallel=parallel, is_async=face == "async", older=older), run))
        return made[-1]

    yield make_
    for one in made:
        one.run(one.hasher.close())


@pytest.fixture
def hasher(make: Callable[..., Plain]) -> Plain:
    return make()
