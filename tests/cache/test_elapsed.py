"""Elapsed time goes on while the machine sleeps, where a clock does, and never goes back."""

import runpy
import time

import pytest

from plexe_auth.cache import elapsed


def test_it_is_the_clock_that_goes_on_in_sleep_where_there_is_one() -> None:
    assert getattr(time, "CLOCK_BOOTTIME", 0) == elapsed.CLOCK
    assert elapsed.elapsed() <= elapsed.elapsed_by(elapsed.CLOCK) <= elapsed.elapsed()


def test_elsewhere_it_is_the_monotonic_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(time, "CLOCK_BOOTTIME", raising=False)
    monkeypatch.setattr(time, "monotonic", lambda: 42.0)
    there = runpy.run_path(elapsed.__file__)
    assert there["elapsed"]() == there["elapsed_by"](there["CLOCK"]) == 42.0
