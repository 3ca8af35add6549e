"""Random words come from the system's source alone, and each of the 62 characters is as likely as any other."""

import itertools
import os
from collections import Counter

import pytest

from plexe_auth.secret import BASE62, random_text

# Chi-square of 61 degrees of freedom exceeds this once in 10⁹ runs. All bytes taken modulo 62 come to about 800.
BOUND = 153


def chi_square(text: str) -> float:
    expected = len(text) / len(BASE62)
    seen = Counter(text)
    return sum((seen[character] - expected) ** 2 / expected for character in BASE62)


def test_each_character_is_equally_likely() -> None:
    assert chi_square(random_text(124_000)) < BOUND


@pytest.mark.parametrize("place", [0, 1, 38, 39])
def test_each_character_is_equally_likely_in_each_place(place: int) -> None:
    assert chi_square("".join(random_text(40)[place] for _ in range(31_000))) < BOUND


def test_the_bound_tells_a_biased_source_apart() -> None:
    assert chi_square("".join(BASE62[byte % 62] for byte in os.urandom(124_000))) > BOUND


def test_the_alphabet_is_62_letters_and_digits_in_the_order_of_their_codes() -> None:
    assert len(BASE62) == len(set(BASE62)) == 62
    assert BASE62.isalnum()
    assert list(BASE62) == sorted(BASE62)


def test_bytes_that_would_favour_some_characters_are_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    source = itertools.chain([255, 248, 247, 0, 61, 62], itertools.repeat(1))
    monkeypatch.setattr(os, "urandom", lambda count: bytes(itertools.islice(source, count)))
    assert random_text(5) == "z0z01"


@pytest.mark.parametrize("length", [0, 1, 40, 1000])
def test_a_text_has_the_length_that_was_asked_for(length: int) -> None:
    assert len(random_text(length)) == length
