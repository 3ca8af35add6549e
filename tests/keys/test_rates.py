"""A rate is kept as it was given, and means what `limits` says that it means."""

from typing import Any

import limits
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexe_auth import InvalidRequest
from plexe_auth.model.rate import Window, keeps, windows

GOOD = (
    "100/minute",
    "100 per minute",
    "100/minutes",
    "1/second; 5 per 10 seconds, 1000/HOUR | 1/day",
    "10 per 3 Months",
    " 5 / 2 minute ",
    "999999999/year",
    "1 per 100 years",
    "1/day" + ";1/day" * 32,
)
BAD = (
    *("", " ", ";", "100", "/minute", "100/", "0/minute", "1 per 0 seconds", "-1/minute", "1.5/minute", "1e3/day"),
    *("100/fortnight", "100/minutess", "100 minute", "100/minute;", "100/minute;;1/day", "1/minute\0", "１/minute"),
    *("1000000000/day", "1/1000000000 seconds", "1 per 101 years", "1/999999999 years", "1/day;" * 40, "1/mınute"),
)
UNITS = st.sampled_from(["second", "minute", "hour", "day", "month", "year", "seconds", "Hours"])
WINDOW = st.builds(
    "{}{}{}{}".format,
    st.integers(1, 10**9 - 1),
    st.sampled_from(["/", " per ", " / ", "per"]),
    st.just("") | st.integers(1, 99).map(lambda number: f"{number} "),
    UNITS,
)
RATE = st.builds(str.join, st.sampled_from([";", ",", "|", " ; "]), st.lists(WINDOW, min_size=1, max_size=4))


@pytest.mark.parametrize("rate", GOOD)
def test_a_good_rate_is_kept_as_it_was_given(quick: Any, rate: str) -> None:
    key = quick.keys.create("acct", name="CI", rate=rate).key
    assert key.rate == rate == quick.keys.get(key.id).rate


@pytest.mark.parametrize("rate", BAD)
def test_a_rate_outside_the_grammar_is_refused(quick: Any, rate: str) -> None:
    key = quick.keys.create("acct", name="CI").key
    for ask in (lambda: quick.keys.create("acct", name="CI", rate=rate), lambda: quick.keys.update(key.id, rate=rate)):
        with pytest.raises(InvalidRequest) as caught:
            ask()
        assert caught.value.field == "rate"
    assert quick.keys.page("acct").items == (key,)


@settings(deadline=None)
@given(RATE)
def test_limits_reads_a_rate_as_we_do(rate: str) -> None:
    theirs = [Window(item.amount, item.get_expiry()) for item in limits.parse_many(rate)]
    assert list(windows(rate)) == theirs


@settings(deadline=None, max_examples=50)
@given(RATE, RATE, RATE)
def test_keeping_a_rate_is_an_order(one: str, other: str, third: str) -> None:
    assert keeps(one, one)
    assert keeps(f"{one};{other}", one)
    if keeps(one, other) and keeps(other, third):
        assert keeps(one, third)


@pytest.mark.parametrize(
    ("child", "parent", "kept"),
    [
        ("100/minute", "100/minute", True),
        ("99/minute", "100/minute", True),
        ("101/minute", "100/minute", False),
        ("100/60 seconds", "100/minute", True),
        ("1/second", "100/minute", False),  # more within an hour, for all that anybody knows
        ("100/hour", "100/minute", False),
        ("9/minute; 9999/second", "10/minute", True),
        ("9/minute", "10/minute; 100/day", False),
        ("101/minute; 10/minute", "10/minute", True),
    ],
)
def test_a_child_keeps_every_window_of_its_parent(child: str, parent: str, kept: bool) -> None:
    assert keeps(child, parent) is kept
