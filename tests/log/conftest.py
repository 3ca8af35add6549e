"""What tests of the access log share: an access log that is at work, its spools in the test's own folder."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import Settings
from tests.conftest import Clock
from tests.log.wired import closed, wired


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, spool_dir=str(tmp_path / "spool"))


@pytest.fixture
def auth(face: str, store_url: str, opened: Callable[..., Any], clock: Clock, settings: Settings) -> Iterator[Any]:
    auth = wired(opened(face, store_url, clock=clock, settings=settings))
    yield auth
    closed(auth)


@pytest.fixture
def alone(opened: Callable[..., Any], clock: Clock) -> Iterator[Any]:
    """A blocking one in memory, for what does not depend on face and store."""
    auth = wired(opened("blocking", "memory://", clock=clock))
    yield auth
    closed(auth)
