"""The small app as fixtures: `host` is it, guarded, in every framework; `bare` is it without a gate."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from plexe_auth import Policy
from tests.contrib.behaviour import POLICY
from tests.contrib.hosts import HOSTS, Host
from tests.contrib.world import World, opened


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(f"sqlite:///{tmp_path_factory.mktemp('contrib')}/auth.db") as world:
        yield world


@pytest.fixture(params=HOSTS)
def built(request: pytest.FixtureRequest, world: World) -> Iterator[Callable[[Policy | None], Host]]:
    """Builds the app in each framework, under a policy or, for ``None``, without a gate."""
    with ExitStack() as stack:
        yield lambda policy: HOSTS[request.param](world, policy, stack)


@pytest.fixture
def host(built: Callable[[Policy | None], Host]) -> Host:
    return built(POLICY)


@pytest.fixture
def bare(built: Callable[[Policy | None], Host]) -> Host:
    return built(None)
