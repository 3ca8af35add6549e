"""Fixtures of the cache: two that know nothing of each other over one database, as two processes are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from plexe_auth import Settings
from tests.conftest import Clock
from tests.keys.watch import Watch


class Two(NamedTuple):
    """One that changes keys, another that verifies them, and what the other asks its store."""

    one: Any
    other: Any
    asked: Watch


@pytest.fixture
def settings() -> Settings:
    return Settings(max_staleness=timedelta(milliseconds=40))


@pytest.fixture
def two(auth: Any, face: str, store_url: str, opened: Callable[..., Any], clock: Clock, settings: Settings) -> Two:
    """On a database that both share. In memory there can be no other."""
    if store_url == "memory://":
        return Two(auth, auth, Watch(auth))
    other = opened(face, store_url, clock=clock, settings=settings)
    return Two(auth, other, Watch(other))
