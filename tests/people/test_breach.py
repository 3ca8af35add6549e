"""Five characters of a digest are told, an answer of any kind is read, and a padded line is nothing that was seen."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.model.breach import HEADERS, LONGEST_ANSWER, is_breached, range_of
from plexe_auth.secret import Secret

SUFFIX = "1E4C9B93F3F0682250B6CF8331B7EE68FD8"
SOUGHT = Secret(SUFFIX)
OTHER = "003D68EB55068C33ACE09247EE4C639306B"


@given(st.text(max_size=40, alphabet=st.characters(codec="utf-8", max_codepoint=0x2FF)))
def test_no_more_than_five_characters_are_told(password: str) -> None:
    prefix, suffix = range_of(password)
    assert len(prefix) == 5
    assert (prefix + suffix.reveal()).lower() == hashlib.sha1(password.encode()).hexdigest()


def test_a_password_is_looked_for_in_the_form_that_is_hashed() -> None:
    assert range_of("cafe\u0301") == range_of("café")


def test_the_answer_is_asked_to_be_padded() -> None:
    assert HEADERS == {"Add-Padding": "true"}


@pytest.mark.parametrize(
    "body",
    [
        f"{SUFFIX}:1",
        f"{SUFFIX.lower()}:0020\n",
        f"{OTHER}:3\r\n{SUFFIX}:10434004\r\n",
        f"nonsense\n\n{SUFFIX}:{'9' * 5000}\n{OTHER}:0",
    ],
)
def test_what_was_seen_is_found(body: str) -> None:
    assert is_breached(body, SOUGHT)


@pytest.mark.parametrize(
    "body",
    [
        "",
        f"{SUFFIX}:0",
        f"{SUFFIX}:0000\r\n",
        SUFFIX,
        f"{SUFFIX}:",
        f"{SUFFIX}:-1",
        f"{SUFFIX}:1x",
        f"{SUFFIX}:٣",
        f" {SUFFIX}:1",
        f"{OTHER}:1\n{SUFFIX[:-1]}:1",
        f"<html>{SUFFIX}:1</html>",
        ".*:1",
        "\ud800",
        "0" * 40 + "\n" * LONGEST_ANSWER + f"{SUFFIX}:1",
        "9" * 5_000_000,
        f"{SUFFIX}:0" * 100_000,
    ],
)
def test_what_was_not_seen_is_not_found(body: str) -> None:
    assert not is_breached(body, SOUGHT)


@pytest.mark.parametrize("body", [None, 0, True, f"{SUFFIX}:1".encode(), [f"{SUFFIX}:1"], {SUFFIX: 1}])
def test_what_is_no_text_says_nothing(body: Any) -> None:
    assert not is_breached(body, SOUGHT)


@given(st.text())
def test_an_answer_of_any_kind_is_read(body: str) -> None:
    assert not is_breached(body, SOUGHT)
