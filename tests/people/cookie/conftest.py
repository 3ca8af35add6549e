"""A gate of either shim for tests about session cookies, over a store in memory."""

from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import Policy
from tests.conftest import Clock
from tests.faces import Loop
from tests.gate.shims import SHIMS, Ask, Host, Shim

NAME = "__Host-plexe_session"


@pytest.fixture(params=SHIMS)
def shim(request: pytest.FixtureRequest) -> type[Shim]:
    return SHIMS[request.param]


@pytest.fixture
def store_url() -> str:
    """Whatever the store, the gate is the same."""
    return "memory://"


@pytest.fixture
def auth(shim: type[Shim], store_url: str, opened: Callable[..., Any], clock: Clock, settings: Any) -> Any:
    return opened(shim.face, store_url, clock=clock, settings=settings)


@pytest.fixture
def guarded(shim: type[Shim], auth: Any, loop: Loop) -> Callable[..., Shim]:
    def guard(policy: Policy | None = None, app: Any = None) -> Shim:
        return shim(auth, policy, app or Host(), loop)

    return guard


@pytest.fixture
def token(signed_in: Any) -> str:
    return signed_in.token.reveal()


def by(token: str, method: str = "GET", *fields: tuple[str, str]) -> Ask:
    return Ask(method=method).having(("cookie", f"{NAME}={token}"), *fields)
