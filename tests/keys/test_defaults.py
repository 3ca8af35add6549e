"""What nobody has set up lets nobody in: no account, no key, no secret comes with the library."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from plexe_auth import AsyncAuth, Auth, ConfigurationError, InvalidKey, MissingKey, Settings
from plexe_auth.storage.colour import Settled
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.tables import TABLES
from tests.conftest import Clock


def test_H17_a_new_store_holds_nothing(auth: Any) -> None:
    for account in ("admin", "default", "root", "0"):
        assert list(auth.keys.page(account)) == []
    for text in ("", "plx_sk_", "plx_sk_" + "0" * 46, "admin", "test", "changeme"):
        with pytest.raises(InvalidKey):
            auth.keys.verify(text)


def test_H17_no_text_is_no_way_in(auth: Any) -> None:
    for text in (None, ""):
        with pytest.raises(MissingKey):
            auth.keys.verify(text)


def test_H17_there_is_no_default_secret() -> None:
    assert Settings() == Settings.from_env({})
    assert (Settings().secret_keys, Settings().peppers) == ((), ())


def test_H17_two_installations_share_no_key(face: str, opened: Any) -> None:
    one, other = (opened(face, "memory://") for _ in range(2))
    text = one.keys.create("acct", name="CI").secret.reveal()
    with pytest.raises(InvalidKey):
        other.keys.verify(text)


@pytest.mark.parametrize(
    "environ",
    [
        {"PLEXE_AUTH_PEPPER": "x" * 32},
        {"PLEXE_AUTH_SECRET_KEY": "x" * 32},
        {"PLEXE_AUTH_DEBUG": "1"},
        {"PLEXE_AUTH_": ""},
        {"PLEXE_AUTH_peppers": "x" * 32},
        {"PLEXE_AUTH_PEPPERS": "short"},
        {"PLEXE_AUTH_SECRET_KEYS": f"{'x' * 32},short"},
        {"PLEXE_AUTH_KEY_PREFIX": ""},
        {"PLEXE_AUTH_KEY_PREFIX": "plx"},
        {"PLEXE_AUTH_MAX_STALENESS": "-1"},
        {"PLEXE_AUTH_MAX_STALENESS": "nan"},
        {"PLEXE_AUTH_MAX_STALENESS": "for ever"},
        {"PLEXE_AUTH_CACHE_ENTRIES": "many"},
    ],
    ids=str,
)
def test_H17_a_misspelt_or_weak_setting_is_refused_and_not_repeated(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_env(environ)
    assert all(value not in str(caught.value) for value in environ.values() if len(value) > 4)


def test_H17_a_setting_of_somebody_else_is_none_of_ours() -> None:
    assert Settings.from_env({"PLEXE_AUTHORITY": "x", "PLEXE": "y", "PATH": "z"}) == Settings()


@pytest.mark.parametrize("settings", [{}, (), "", 0, False, {"peppers": ()}, Settings])
def test_H17_settings_that_are_none_are_not_taken_for_the_default(face: str, settings: Any) -> None:
    with pytest.raises(ConfigurationError):
        opening(face)("memory://", settings=settings)


@pytest.mark.parametrize("clock", [0, False, "", datetime(2026, 1, 1), timedelta(0)])  # noqa: DTZ001 - any will do
def test_H17_a_clock_that_cannot_be_asked_is_refused_at_once(face: str, clock: Any) -> None:
    with pytest.raises(ConfigurationError):
        opening(face)("memory://", clock=clock)


def opening(face: str) -> Any:
    return {"blocking": Auth.open, "async": AsyncAuth.open}[face]


class Falsy(Clock):
    """A clock that is there although it says it is not."""

    def __bool__(self) -> bool:
        return False


def test_a_clock_is_asked_whatever_it_says_of_itself(face: str, opened: Any) -> None:
    clock = Falsy()
    auth = opened(face, "memory://", clock=clock)
    assert auth.keys.create("acct", name="CI").key.created_at == clock.now


def test_H17_without_a_clock_it_is_the_hosts_time(face: str, opened: Any) -> None:
    auth = opened(face, "memory://")
    created = auth.keys.create("acct", name="CI").key.created_at
    assert abs(datetime.now(created.tzinfo) - created) < timedelta(minutes=1)


def test_H17_a_store_must_be_named(face: str) -> None:
    with pytest.raises(TypeError):
        opening(face)()
    for url in (None, "", 5, b"sqlite://", "auth.db"):
        with pytest.raises(ConfigurationError):
            opening(face)(url)


def test_a_server_without_our_schema_opens_nothing(loop: Any) -> None:
    class Empty:
        """A store that finds out late that it is not ready."""

        closed = False

        async def prepare(self) -> None:
            raise ConfigurationError("not ready")

        async def close(self) -> None:
            self.closed = True

        get = page = commit = spend = close

    store: Any = Empty()
    with pytest.raises(ConfigurationError):
        loop.run(AsyncAuth(store).__aenter__())
    assert store.closed


def test_leaving_closes_the_store_and_closing_again_does_nothing(face: str, loop: Any) -> None:
    class Counted(MemoryStore):
        """A store that counts how often it was closed."""

        closed = 0

        def close(self) -> None:
            self.closed += 1

    async def visit() -> None:
        async with AsyncAuth(Settled(store)) as auth:
            assert await auth.keys.create("acct", name="CI")
        await auth.close()

    store = Counted()
    if face == "async":
        loop.run(visit())
    else:
        with Auth(store) as auth:
            assert auth.keys.create("acct", name="CI")
        auth.close()
    assert store.closed == 2


def test_H17_every_table_begins_empty() -> None:
    assert set(TABLES) == {
        *("keys", "accounts", "budgets", "epochs", "rates", "rate_hits", "entries", "writers", "usage"),
        *("users", "sessions", "tickets", "factors", "recovery_codes", "challenges", "identities", "passkeys"),
        "invitations",
    }
    assert not any(MemoryStore()._tables.values())
