"""What the tests of the API share: it is mounted in a host's app, and there is a key that may do everything."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import Settings
from tests.conftest import Clock
from tests.faces import Loop
from tests.manage.mounts import MOUNTS, Mount

ACCOUNT = "acct_1"


@pytest.fixture(params=MOUNTS)
def kind(request: pytest.FixtureRequest) -> type[Mount]:
    return MOUNTS[request.param]


@pytest.fixture
def store_url() -> str:
    """Whatever the store, the API is the same; what races overrides this."""
    return "memory://"


@pytest.fixture
def settings() -> Settings:
    """Most of what these tests send is refused, and all of it comes from one address."""
    return Settings(
        failure_rate="1000000/second",
        max_staleness=timedelta(milliseconds=1),
        hash_cost="insecure_tests",
        secret_keys=("a secret of these tests, and of them alone",),
    )


@pytest.fixture
def auth(kind: type[Mount], store_url: str, opened: Callable[..., Any], clock: Clock, settings: Settings) -> Any:
    return opened(kind.face, store_url, clock=clock, settings=settings)


@pytest.fixture
def mount(kind: type[Mount], auth: Any, loop: Loop) -> Callable[..., Mount]:
    def make(policy: Any = None, **given: Any) -> Mount:
        return kind(auth, policy, loop, **given)

    return make


@pytest.fixture
def api(mount: Callable[..., Mount]) -> Mount:
    return mount()


@pytest.fixture
def key(auth: Any) -> str:
    """The text of a key that may do everything in its account."""
    return auth.keys.create(ACCOUNT, name="root", permissions="*:*").secret.reveal()
