"""Nothing that the model calls dead is accepted, and all that it calls alive is, on both faces and on every store."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import Clock
from tests.keys.machine import KeyMachine

SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
QUICK = settings(deadline=None, max_examples=20, stateful_step_count=25, suppress_health_check=SLOW)
EVERYWHERE = settings(QUICK, max_examples=5, stateful_step_count=15)


def run(auth: Any, clock: Clock, how: settings) -> None:
    class Machine(KeyMachine):
        """The machine on this store."""

        def __init__(self) -> None:
            super().__init__(auth, clock)

    run_state_machine_as_test(Machine, settings=how)


def test_keys_are_what_their_model_says(quick: Any, clock: Clock) -> None:
    run(quick, clock, QUICK)


def test_keys_are_what_their_model_says_on_every_store(auth: Any, clock: Clock) -> None:
    run(auth, clock, EVERYWHERE)
