"""What tests about people share: hashing that takes no time, and somebody who has signed in."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from plexe_auth import Client, Settings
from plexe_auth.bridge import finish
from plexe_auth.hashing.hasher import Hasher
from plexe_auth.hashing.parameters import FOR_TESTS, Parameters
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.faces import Loop
from tests.people.hashers import Plain

PASSWORD = "a long and lovely word"
KEY = "a secret of these tests, and of them alone"
HOME = Client("192.0.2.7", "tests/1")


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


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings, hash_cost="insecure_tests", base_url="https://app.example.com", product="Example", secret_keys=(KEY,)
    )


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def auth(
    face: str, store_url: str, opened: Callable[..., Any], clock: Clock, settings: Settings, mailbox: Mailbox
) -> Any:
    return opened(face, store_url, clock=clock, settings=settings, mailer=mailbox)


@pytest.fixture
def ada(auth: Any) -> Any:
    return auth.users.create("Ada@example.com", PASSWORD, name="Ada")


@pytest.fixture
def signed_in(auth: Any, ada: Any) -> Any:
    return auth.sign_in.with_password(ada.email, PASSWORD, HOME)


def done(auth: Any, coroutine: Any) -> Any:
    """Return what a coroutine of the world's returns, on either face."""
    return auth.loop.run(coroutine) if hasattr(auth, "loop") else finish(coroutine)
