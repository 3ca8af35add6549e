"""Storing keeps its pace: what comes in while some lines are stored waits for the next turn, and makes no commit of its
own."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from plexe_auth import Settings
from tests.log.lines import verified
from tests.log.test_log import write


@pytest.fixture(params=["thread", "process"])
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    return replace(settings, log_storer=request.param)


def before_each(owner: Any, verb: str, act: Callable[[], None]) -> None:
    """Have `act` come before each call of a verb."""
    real = getattr(owner, verb)

    def called(*args: Any, **named: Any) -> Any:
        act()
        return real(*args, **named)

    setattr(owner, verb, called)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_lines_that_come_while_others_are_stored_wait_for_the_next_turn(auth: Any, settings: Settings) -> None:
    journal, turns, commits = auth.world.journal, [0], list[int]()

    def begun() -> None:
        turns[0] += 1

    def stored() -> None:
        commits.append(turns[0])
        if len(commits) <= 5:  # they would never end
            write(auth, verified(len(commits)))

    before_each(journal, "work", begun)
    if settings.log_storer == "process":
        before_each(journal._stores._child, "ask", stored)
    else:
        before_each(journal._storing, "_batch", stored)
    write(auth, verified(0))
    while journal.waiting:
        auth.log.flush()
    assert len(commits) == 6
    assert len(set(commits)) == 6
    assert auth.log.verify().entries == 6
