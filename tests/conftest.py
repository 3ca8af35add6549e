"""Fixtures that every test shares. A test that takes `auth` runs on both faces and on every store."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from plexe_auth import AsyncAuth, Auth, Settings
from tests.faces import Loop, Plainly, running_loop
from tests.stores import STORES, emptied, sqlite_url

pytest_plugins = ["tests.servers.plugin"]

FACES = ("blocking", "async")

# They start programs, servers and browsers, and mostly wait for them; whatever decides is seen to decide without them.
WAITING = (
    "cli/test_serve.py",
    "cli/test_stories.py",
    "cli/test_terminal.py",
    "client",
    "console/chromium",
    "console/test_mounts.py",
    "contrib/test_served.py",
    "ground/test_fresh_interpreter.py",
    "log/test_crash.py",
    "log/test_storer_child.py",
    "log/test_storer_gone.py",
    "people/test_oidc_provider.py",
    "storage/test_migrations.py",
    "test_demo.py",
    "test_examples.py",
    "testing/test_plugin.py",
    "typing",
)

hypothesis.settings.register_profile("patient", deadline=None)  # how fast a busy machine is, is no law of ours
hypothesis.settings.load_profile("patient")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "waiting: starts programs, servers or browsers, and mostly waits for them")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    folders = tuple(here / one for one in WAITING)
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in folders):
            item.add_marker("waiting")


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, span: timedelta) -> None:
        self.now += span


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    with running_loop() as loop:
        yield loop


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sqlite") / "template.db"


@pytest.fixture(params=STORES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> str:
    """The URL of an empty store of each kind."""
    if request.param == "memory":
        return "memory://"
    if request.param.startswith("sqlite"):
        return sqlite_url(sqlite_template, tmp_path, rollback=request.param.endswith("rollback"))
    return emptied(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def opened(loop: Loop) -> Iterator[Callable[..., Any]]:
    """Opens an `Auth`, or an `AsyncAuth` that is called plainly, and closes it after the test."""
    with ExitStack() as stack:

        def open_(face: str, url: str, **settings: Any) -> Any:
            if face == "blocking":
                return stack.enter_context(Auth.open(url, **settings))
            auth = AsyncAuth.open(url, **settings)
            loop.run(auth.__aenter__())
            stack.callback(lambda: loop.run(auth.close()))
            return Plainly(auth, loop)

        yield open_


@pytest.fixture
def settings() -> Settings:
    """The settings of `auth`; a test module overrides this fixture to have others.

    Whoever revokes a key waits for `max_staleness`, and the tests revoke thousands.
    """
    return Settings(max_staleness=timedelta(milliseconds=1))


@pytest.fixture
def auth(face: str, store_url: str, opened: Callable[..., Any], clock: Clock, settings: Settings) -> Any:
    """An empty plexe_auth of each face on each store, with a clock that stands still. It is called plainly."""
    return opened(face, store_url, clock=clock, settings=settings)
