"""A code by mail is eight digits that fit one challenge, one purpose, and who was challenged."""

import hashlib
import hmac
import itertools
import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import Secret
from plexe_auth.model.mail_code import LIFE, canonical, code_digest, new_code

CODES = st.text("0123456789", min_size=8, max_size=8)
CODE = "04817263"
HOLDER = Secret("the token of a challenge")


def test_M06_a_code_has_more_than_20_random_bits_and_lives_for_ten_minutes() -> None:
    texts = [new_code().reveal() for _ in range(500)]
    assert {len(text) for text in texts} == {8}
    assert all({text[place] for text in texts} == set("0123456789") for place in range(8))
    assert math.log2(10**8) >= 20
    assert timedelta(minutes=10) == LIFE


def test_M06_a_code_does_not_print_itself() -> None:
    code = new_code()
    assert code.reveal() not in f"{code!r}{code}"


@given(CODES, st.lists(st.tuples(st.integers(0, 8), st.sampled_from(" -")), max_size=20))
def test_spaces_and_dashes_do_not_count(code: str, added: list[tuple[int, str]]) -> None:
    typed = code
    for place, sign in added:
        typed = typed[:place] + sign + typed[place:]
    assert canonical(typed) == code


NONE_OF_THEM = [
    "",
    " - ",
    "4817263",
    "004817263",
    "+4817263",
    "0481_7263",
    "0481.7263",
    "04817263\n",
    "\t04817263",
    "0481\xa07263",
    "0481–7263",
    "０４８１７２６３",
    "٠٤٨١٧٢٦٣",
    "0481726③",
    "0481726²",
    "O4817263",
    "0x817263",
    "04817263\0",
    "\ud8004817263",
    "04817263" + " " * 32,
    "04817263" * 100_000,
    None,
    True,
    4817263,
    48172630.0,
    CODE.encode(),
    [CODE],
    {"code": CODE},
]


@pytest.mark.parametrize("typed", NONE_OF_THEM, ids=lambda one: ascii(one)[:40])
def test_M11_these_are_not_read(typed: Any) -> None:
    assert canonical(typed) is None


@given(st.text() | st.text("0123456789- ", min_size=6, max_size=12) | st.binary() | st.none() | st.integers())
def test_M11_what_is_read_is_eight_ASCII_digits_and_nothing_is_raised(typed: Any) -> None:
    code = canonical(typed)
    assert code is None or (len(code) == 8 and set(code) <= set("0123456789"))


def test_M06_what_is_kept_is_HMAC_under_what_only_the_challenged_one_holds() -> None:
    parts = (b"plexe_auth mail code", b"sign in", b"challenge_1", CODE.encode())
    framed = b"".join(len(part).to_bytes(4) + part for part in parts)
    wanted = hmac.digest(HOLDER.reveal().encode(), framed, hashlib.sha256)
    assert code_digest(HOLDER, "sign in", "challenge_1", CODE) == wanted


def test_M06_a_code_fits_no_other_challenge_purpose_or_holder() -> None:
    holders = (HOLDER, Secret("the token of another"))
    all_ways = itertools.product(
        holders, ("sign in", "re-authenticate"), ("challenge_1", "challenge_2"), (CODE, "0" * 8)
    )
    digests = [code_digest(*way) for way in all_ways]
    assert len(set(digests)) == 16


@given(st.lists(st.text(max_size=4), min_size=3, max_size=3), st.lists(st.text(max_size=4), min_size=3, max_size=3))
def test_M06_no_two_lists_of_parts_have_one_digest(one: list[str], other: list[str]) -> None:
    assert (code_digest(HOLDER, *one) == code_digest(HOLDER, *other)) == (one == other)
