"""Nothing of a person that the model calls dead is accepted, and all that it calls alive is, on both faces."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from plexe_auth import Settings
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.people.machine import LifeMachine
from tests.people.model import IDLE, LIFETIME

SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
QUICK = settings(deadline=None, max_examples=30, stateful_step_count=40, suppress_health_check=SLOW)
AWAITED = settings(QUICK, max_examples=15, stateful_step_count=30)
STORED = settings(QUICK, max_examples=6, stateful_step_count=20)


@pytest.fixture
def settings_of(settings: Settings) -> Settings:
    return replace(settings, session_idle=IDLE, session_lifetime=LIFETIME)


def run(auth: Any, clock: Clock, mailbox: Mailbox, how: settings) -> None:
    class Machine(LifeMachine):
        """The machine on this store."""

        def __init__(self) -> None:
            super().__init__(auth, clock, mailbox)

    run_state_machine_as_test(Machine, settings=how)


@pytest.mark.parametrize(
    ("face", "store_url", "how"),
    [("blocking", "memory", QUICK), ("async", "memory", AWAITED), ("blocking", "sqlite", STORED)],
    indirect=["face", "store_url"],
    ids=["blocking", "async", "sqlite"],
)
def test_people_are_what_their_model_says(
    face: str,
    store_url: str,
    how: settings,
    opened: Callable[..., Any],
    clock: Clock,
    mailbox: Mailbox,
    settings_of: Settings,
) -> None:
    auth = opened(face, store_url, clock=clock, settings=settings_of, mailer=mailbox)
    run(auth, clock, mailbox, how)
