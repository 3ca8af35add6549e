"""A rate means to us what it means to `limits`, which counts it; what we refuse is what nobody would mean."""

import re
import string
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from limits import parse_many

from plexe_auth import InvalidRequest
from plexe_auth.model.rate import Window, checked_rate, keeps, windows

SPACES = st.sampled_from(["", " ", "  ", "\t"])
NUMBERS = st.integers(1, 10**9 - 1).map(str) | st.sampled_from(["1", "007", "60"])
UNITS = st.sampled_from(["second", "minute", "hour", "day", "month", "year"])
SPELT = st.sampled_from([str.lower, str.upper, str.title])
HUNDRED_YEARS = 100 * 31_104_000
PLAIN = set(string.printable)


@st.composite
def spelt_windows(draw: st.DrawFn) -> str:
    multiple = draw(st.just("") | st.integers(1, 99).map(str))
    unit = draw(SPELT)(draw(UNITS)) + draw(st.sampled_from(["", "s"]))
    per = draw(st.sampled_from(["/", "per", "PER", " per "]))
    parts = ["", draw(NUMBERS), per, multiple, unit, ""]
    return draw(SPACES).join(parts)


RATES = st.lists(spelt_windows(), min_size=1, max_size=3).flatmap(
    lambda texts: st.sampled_from([",", ";", "|"]).map(lambda sign: sign.join(texts))
)
NEAR_RATES = st.text("0123456789/ permintusechoudayl,;|-.\n٣ſ", max_size=24) | RATES.flatmap(
    lambda text: st.tuples(st.integers(0, len(text)), st.characters()).map(
        lambda at: text[: at[0]] + at[1] + text[at[0] + 1 :]
    )
)


def by_limits(rate: str) -> list[tuple[int, int]] | None:
    try:
        return [(one.amount, one.get_expiry()) for one in parse_many(rate)]
    except ValueError:
        return None


def by_us(rate: Any) -> list[tuple[int, int]] | None:
    try:
        return [(one.count, one.seconds) for one in windows(checked_rate(rate) or "")]
    except InvalidRequest:
        return None


@given(RATES)
def test_every_rate_that_makes_sense_is_read_as_limits_reads_it(rate: str) -> None:
    expected = by_limits(rate)
    assume(expected and max(seconds for _count, seconds in expected) <= HUNDRED_YEARS and len(rate) <= 200)
    assert by_us(rate) == expected


@given(NEAR_RATES)
@example("10/0minute")
@example("0/minute")
@example("1/ſecond")
@example("1 per 5 minutes\n")
def test_what_both_accept_means_the_same_and_we_accept_nothing_that_limits_does_not(rate: str) -> None:
    mine = by_us(rate)
    assert mine is None or mine == by_limits(rate)


@given(NEAR_RATES)
@example("1\x1f/second")
@example("1\u2003/second")
def test_what_limits_alone_accepts_is_zero_huge_or_oddly_spelt(rate: str) -> None:
    theirs = by_limits(rate)
    if theirs is not None and by_us(rate) is None:
        numbers = re.findall(r"\d+", rate)
        out_of_range = any(not int(one) or len(one) > 9 for one in numbers)
        too_long = len(rate) > 200 or max(seconds for _count, seconds in theirs) > HUNDRED_YEARS
        assert out_of_range or too_long or not PLAIN.issuperset(rate)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("100/minute", [(100, 60)]),
        ("100/minute; 5000/day", [(100, 60), (5000, 86_400)]),
        ("10 per 5 seconds", [(10, 5)]),
        ("1/month|1/2years", [(1, 2_592_000), (1, 62_208_000)]),
        ("999999999/100years", [(999_999_999, HUNDRED_YEARS)]),
    ],
)
def test_a_rate_is_a_number_of_requests_in_a_number_of_seconds(rate: str, expected: list[tuple[int, int]]) -> None:
    assert by_us(rate) == by_limits(rate) == expected
    assert windows(rate) == tuple(Window(*one) for one in expected)


NO_RATES = ["", " ", "100", "/minute", "100/", "100/fortnight", "-1/minute", "0/minute", "1/0minute", "1.5/minute"]
NO_RATES += ["1e3/minute", "1/minute;", ";1/minute", "1/minute;;1/day", "1//minute", "1/minute 1/day", "1_000/minute"]
NO_RATES += ["1/minutess", "1000000000/minute", "1/101years", "1/999999999years", "١/minute", "1/minute\0", "unlimited"]
NO_RATES += ["1 per per minute", ";".join(["1/minute"] * 30)]


@pytest.mark.parametrize("rate", NO_RATES)
def test_what_is_no_rate_is_refused_by_name(rate: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        checked_rate(rate)
    assert caught.value.field == "rate"


@pytest.mark.parametrize("value", [7, 1.5, b"1/minute", ["1/minute"], True, object()])
def test_what_is_no_text_is_no_rate(value: Any) -> None:
    with pytest.raises(InvalidRequest):
        checked_rate(value)


def test_no_rate_is_no_rate() -> None:
    assert checked_rate(None) is None


@given(RATES)
def test_a_rate_comes_back_exactly_as_it_was_given(rate: str) -> None:
    assume(by_us(rate) is not None)
    assert checked_rate(rate) == rate


SMALL = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from(["second", "minute", "60 seconds", "day"])), min_size=1, max_size=3
).map(lambda parts: ";".join(f"{count} per {unit}" for count, unit in parts))


@given(SMALL, SMALL, SMALL)
def test_keeping_a_rate_is_an_order(one: str, other: str, third: str) -> None:
    assert keeps(one, one)
    assert not (keeps(one, other) and keeps(other, third)) or keeps(one, third)


@given(SMALL, SMALL)
def test_a_child_that_keeps_a_rate_never_gets_more_in_any_of_its_windows(child: str, parent: str) -> None:
    if keeps(child, parent):
        for window in windows(parent):
            assert least(child, window.seconds) <= window.count


def least(rate: str, seconds: int) -> float:
    return min((one.count for one in windows(rate) if one.seconds == seconds), default=float("inf"))


@given(SMALL, SMALL)
def test_more_windows_are_never_wider(rate: str, more: str) -> None:
    assert keeps(f"{rate};{more}", rate)
