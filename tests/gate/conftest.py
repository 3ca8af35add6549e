"""What the tests of the gate share: each shim in front of an app, and a key of each kind."""

from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import Policy, Settings
from tests.conftest import Clock
from tests.faces import Loop
from tests.gate.keys import Made, make
from tests.gate.shims import SHIMS, Host, Shim


@pytest.fixture(params=SHIMS)
def shim(request: pytest.FixtureRequest) -> type[Shim]:
    return SHIMS[request.param]


@pytest.fixture
def store_url() -> str:
    """Whatever the store, the gate is the same; a module that asks for more overrides this."""
    return "memory://"


@pytest.fixture
def settings() -> Settings:
    """Most of what these tests send is refused, and all of it comes from one address."""
    return Settings(failure_rate="1000000/second")


@pytest.fixture
def auth(shim: type[Shim], store_url: str, opened: Callable[..., Any], clock: Clock, settings: Settings) -> Any:
    return opened(shim.face, store_url, clock=clock, settings=settings)


@pytest.fixture
def guarded(shim: type[Shim], auth: Any, loop: Loop) -> Callable[..., Shim]:
    """Puts an app behind the shim."""

    def guard(policy: Policy | None = None, app: Any = None) -> Shim:
        return shim(auth, policy, app or Host(), loop)

    return guard


@pytest.fixture
def keys(auth: Any, clock: Clock) -> Made:
    return make(auth, clock.advance)
