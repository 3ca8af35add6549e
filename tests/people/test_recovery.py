"""A recovery code is long enough for a fast digest, has one text however it was typed, and fits one user."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import Secret
from plexe_auth.model import mail_code
from plexe_auth.model.recovery import ALPHABET, canonical, code_digest, grouped, new_codes

CODES = st.text(ALPHABET, min_size=24, max_size=24)
CODE = "7N3KQ0XW8R2MB5TZ9CH4VJ6P"
SHOWN = "7N3KQ0-XW8R2M-B5TZ9C-H4VJ6P"


def test_M07_ten_codes_are_made_and_no_two_are_equal() -> None:
    sets = [new_codes() for _ in range(50)]
    assert {len(codes) for codes in sets} == {10}
    texts = [code.reveal() for codes in sets for code in codes]
    assert len(set(texts)) == 500
    assert all(grouped(canonical(text) or "") == text for text in texts)
    assert all(isinstance(code, Secret) for codes in sets for code in codes)


def test_M07_a_code_has_120_random_bits_of_an_alphabet_without_look_alikes() -> None:
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set(ALPHABET) & set("ILOU")
    texts = [(canonical(code.reveal()) or "") for _ in range(60) for code in new_codes()]
    assert {len(text) for text in texts} == {24}
    assert all(len({text[place] for text in texts}) == 32 for place in range(24))


@given(CODES, st.lists(st.tuples(st.integers(0, 24), st.sampled_from(" -")), max_size=20), st.booleans())
def test_M07_dashes_spaces_and_case_do_not_count(code: str, added: list[tuple[int, str]], low: bool) -> None:
    typed = code.lower() if low else code
    for place, sign in added:
        typed = typed[:place] + sign + typed[place:]
    assert canonical(typed) == code


@given(CODES)
def test_M07_what_looks_alike_is_read_alike(code: str) -> None:
    for typed in (code.replace("0", "O"), code.replace("0", "o"), code.replace("1", "I"), code.replace("1", "l")):
        assert canonical(typed) == code


@pytest.mark.parametrize("typed", [SHOWN, SHOWN.lower(), CODE, f" {SHOWN} ", "7n3kqo xw8r2m b5tz9c h4vj6p"])
def test_M07_these_are_read(typed: str) -> None:
    assert canonical(typed) == CODE


NONE_OF_THEM = [
    "",
    "-" * 24,
    CODE[:-1],
    f"{CODE}0",
    CODE.replace("7", "U"),
    f"{SHOWN}\n",
    f"{SHOWN}\t",
    SHOWN.replace("-", "_"),
    SHOWN.replace("-", "–"),
    SHOWN.replace("-", "\u00ad"),
    SHOWN.replace("-", "\xa0"),
    CODE.replace("7", "７"),
    CODE.replace("K", "\u212a"),  # KELVIN SIGN, whose lower case is k
    CODE.replace("P", "Р"),
    CODE.replace("1", "ı").replace("0", "ı"),  # DOTLESS I, whose upper case is I
    f"ſ{CODE[1:]}",  # LONG S, whose upper case is S
    f"{CODE}\0",
    f"\ud800{CODE[1:]}",
    f"{CODE},{CODE}",
    SHOWN + " " * 64,
    CODE * 100_000,
    None,
    True,
    7,
    7.0,
    CODE.encode(),
    [CODE],
    {"code": CODE},
]


@pytest.mark.parametrize("typed", NONE_OF_THEM, ids=lambda one: ascii(one)[:40])
def test_M11_these_are_not_read(typed: Any) -> None:
    assert canonical(typed) is None


@given(st.text() | st.text("0OoIlU- aZ", min_size=20, max_size=30) | st.binary() | st.none() | st.integers())
def test_M11_what_is_read_is_canonical_and_nothing_is_raised(typed: Any) -> None:
    code = canonical(typed)
    assert code is None or (canonical(code) == code and len(code) == 24 and set(code) <= set(ALPHABET))


def test_M07_what_is_kept_is_SHA_256_of_purpose_user_and_code() -> None:
    wanted = hashlib.sha256(b"plexe_auth recovery code\0user_7\0" + CODE.encode()).digest()
    assert code_digest("user_7", CODE) == wanted


@given(st.text(), st.text(), CODES, CODES)
def test_M07_no_two_users_and_no_two_codes_have_one_digest(one: str, other: str, code: str, second: str) -> None:
    assert (code_digest(one, code) == code_digest(other, second)) == ((one, code) == (other, second))


def test_S08_the_digest_is_that_of_no_other_purpose() -> None:
    others = {
        hashlib.sha256(CODE.encode()).digest(),
        mail_code.code_digest(Secret("token"), "sign in", "user_7", CODE),
        mail_code.code_digest(Secret(""), "", "user_7", CODE),
    }
    assert code_digest("user_7", CODE) not in others


def test_a_code_does_not_print_itself() -> None:
    codes = new_codes()
    assert not any(code.reveal() in f"{codes}{code}" for code in codes)
