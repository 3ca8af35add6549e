"""However many redeem what is good once at the same instant, one succeeds, and it takes effect once."""

from collections.abc import Iterator
from typing import Any

import pytest

from plexe_auth.testing.contract.races import at_once
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.people.once import MANY, TABLE, Once, Round, Stage, Two, opened, outcome

SHARED = ("sqlite", "postgresql", "mariadb")


@pytest.fixture(scope="module")
def two() -> Iterator[Two]:
    with Two.started() as two:
        yield two


@pytest.fixture
def stage(face: str, store_url: str, clock: Clock, mailbox: Mailbox) -> Iterator[Stage]:
    with opened(face, store_url, clock, mailbox) as auth:
        yield Stage(auth, clock, mailbox)


def held(stage: Stage, once: Once, email: str, found: list[str]) -> None:
    """Hold what became of all who redeemed one thing against what may."""
    told = f"{once.name}: {sorted(found)}"
    assert len(found) == MANY, told
    assert found.count("done") == 1, told
    assert set(found) <= {"done"} | once.refused, told
    assert once.effects(stage.auth, email) == 1, told


@pytest.mark.parametrize("store_url", ["memory"], indirect=True)
@pytest.mark.parametrize("once", TABLE, ids=lambda once: once.name)
def test_M05_of_many_threads_one_redeems_what_is_good_once(stage: Stage, once: Once) -> None:
    sent = once.prepare(stage, "ada@example.com")
    found = at_once(lambda number: outcome(once, stage.auth, sent[number]), MANY)
    held(stage, once, "ada@example.com", found)


@pytest.mark.parametrize("store_url", SHARED, indirect=True)
def test_M05_of_two_processes_one_redeems_what_is_good_once(stage: Stage, face: str, store_url: str, two: Two) -> None:
    emails = [f"somebody{place}@example.com" for place in range(len(TABLE))]
    rounds: list[Any] = []
    for place, (once, email) in enumerate(zip(TABLE, emails, strict=True)):
        sent = once.prepare(stage, email)
        rounds.append(Round(place, stage.clock.now, sent))
    for once, email, found in zip(TABLE, emails, two.redeem(face, store_url, rounds), strict=True):
        held(stage, once, email, found)
