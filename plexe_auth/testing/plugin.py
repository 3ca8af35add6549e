"""The fixtures that pytest offers wherever plexe_auth is installed; loading them loads nothing else of plexe_auth.

``-p no:plexe_auth`` turns them off.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from plexe_auth.auth import AsyncAuth, Auth
    from plexe_auth.settings import Settings
    from plexe_auth.storage.memory import MemoryStore
    from plexe_auth.testing.clock import FakeClock
    from plexe_auth.testing.header import KeyFactory
    from plexe_auth.testing.mailbox import Mailbox

pytest.register_assert_rewrite("plexe_auth.testing.contract")  # so that a broken store is told what it did


@pytest.fixture
def plexe_clock() -> "FakeClock":
    """The time of `plexe_auth` and `plexe_auth_async`: it stands still until ``.advance(timedelta)``."""
    from plexe_auth.testing.clock import FakeClock

    return FakeClock()


@pytest.fixture
def plexe_mailbox() -> "Mailbox":
    """Where the mails of `plexe_auth` and `plexe_auth_async` end: ``.last()`` is the newest."""
    from plexe_auth.testing.mailbox import Mailbox

    return Mailbox()


@pytest.fixture
def plexe_settings() -> "Settings":
    """The settings of `plexe_auth` and `plexe_auth_async`; override this fixture to have others."""
    from plexe_auth.settings import Settings

    return Settings(
        base_url="https://app.example.com",
        product="Example",
        secret_keys=("a secret of the tests, and of them alone",),
        hash_cost="insecure_tests",
    )


@pytest.fixture
def _plexe_store() -> "MemoryStore":
    """What both faces keep their rows in, so that a key made through one is known to the other."""
    from plexe_auth.storage.memory import MemoryStore

    return MemoryStore()


@pytest.fixture
def plexe_auth(
    _plexe_store: "MemoryStore", plexe_clock: "FakeClock", plexe_mailbox: "Mailbox", plexe_settings: "Settings"
) -> "Iterator[Auth]":
    """An empty `Auth` in memory, on the test's clock. It shares its keys with `plexe_auth_async`."""
    from plexe_auth.auth import Auth

    with Auth(_plexe_store, settings=plexe_settings, clock=plexe_clock, mailer=plexe_mailbox) as auth:
        yield auth


@pytest.fixture
def plexe_auth_async(
    _plexe_store: "MemoryStore", plexe_clock: "FakeClock", plexe_mailbox: "Mailbox", plexe_settings: "Settings"
) -> "Iterator[AsyncAuth]":
    """An empty `AsyncAuth` in memory, on the test's clock. It shares its keys with `plexe_auth`.

    It belongs to no event loop, so it works on any, and on several one after another.
    """
    import asyncio

    from plexe_auth.auth import AsyncAuth
    from plexe_auth.storage.colour import Settled

    auth = AsyncAuth(Settled(_plexe_store), settings=plexe_settings, clock=plexe_clock, mailer=plexe_mailbox)
    yield auth
    asyncio.run(auth.close())


@pytest.fixture
def plexe_key(plexe_auth: "Auth") -> "KeyFactory":
    """Makes keys and returns the header to send: ``client.get("/models", headers=plexe_key("models:read"))``.

    They are good for both faces, and it is called plainly in an asynchronous test too.
    """
    from plexe_auth.testing.header import KeyFactory

    return KeyFactory(plexe_auth)
