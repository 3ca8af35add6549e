"""Fixtures for keys: a quick store where the store does not matter, and a watch on what a store is asked."""

from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import Settings
from tests.conftest import Clock
from tests.keys.watch import Watch


@pytest.fixture
def quick(face: str, opened: Callable[..., Any], clock: Clock, settings: Settings) -> Any:
    """An empty plexe_auth of each face in memory, for laws that hold before any store is asked."""
    return opened(face, "memory://", clock=clock, settings=settings)


@pytest.fixture
def watched() -> Callable[[Any], Watch]:
    """Begins to watch the store under an `Auth` or `AsyncAuth`."""
    return Watch
