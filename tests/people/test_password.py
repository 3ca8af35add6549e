"""A new password is long, not common, not made of its owner's names, and no more is asked; no error holds it."""

import gzip
import subprocess
import sys
import tracemalloc
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import CommonPasswordValidator
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import InvalidRequest
from plexe_auth.blocklist.common_passwords import common_passwords
from plexe_auth.model.password import as_hashed, checked_password, may_be_password
from tests.keys.frames import held_by, ours

ROOT = Path(__file__).parents[2]


def refusal(value: Any, *, only_factor: bool = True, about: tuple[str, ...] = ()) -> str | None:
    """Return what is told of a new password, or None if it is accepted, and just as it was given."""
    try:
        given_back = checked_password(value, only_factor=only_factor, about=about, common=common_passwords())
    except InvalidRequest as error:
        return f"{error.field} {error.detail.removeprefix('password ')}"
    assert given_back == value
    return None


@pytest.mark.parametrize(("only_factor", "least"), [(True, 15), (False, 8)])
@pytest.mark.parametrize("character", ["~", "ü", "世", "🐎"])
def test_L07_fifteen_characters_are_enough_alone_and_eight_with_a_second_factor(
    character: str, only_factor: bool, least: int
) -> None:
    assert refusal(character * least, only_factor=only_factor) is None
    told = f"password must have at least {least} characters."
    assert refusal(character * (least - 1), only_factor=only_factor) == told


def test_L07_an_accent_that_is_a_character_of_its_own_makes_no_password_longer() -> None:
    assert refusal("e\u0301" * 14) == "password must have at least 15 characters."
    assert refusal("e\u0301" * 15) is None


@pytest.mark.parametrize("character", ["q", "ü", "🐎"])
def test_L04_a_kibibyte_is_the_most(character: str) -> None:
    most = 1024 // len(character.encode())
    assert refusal(character * 64) is None
    assert refusal(character * most) is None
    assert refusal(character * (most + 1)) == "password must be a text of 1 to 1024 bytes."
    assert may_be_password(character * most)
    assert not may_be_password(character * (most + 1))


def test_L04_of_a_long_text_nothing_is_looked_at_but_its_length() -> None:
    long = "\u0344" * 10_000_000  # each becomes two characters of four bytes when normalised
    common_passwords()  # which is read once
    tracemalloc.start()
    try:
        assert refusal(long) == "password must be a text of 1 to 1024 bytes."
        assert not may_be_password(long)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_L04_what_is_hashed_is_never_longer_than_passlib_takes() -> None:
    widest = max(map(chr, range(0x80, 0xD800)), key=lambda one: len(as_hashed(one)) / len(one.encode()))
    assert len(as_hashed(widest * (1024 // len(widest.encode())))) <= 3 * 1024 < 4096


@pytest.mark.parametrize(
    "value", [None, True, 0, 7.5, b"x" * 20, ["x" * 20], {"x" * 20: 1}, object(), "", "\ud800" * 20]
)
def test_L10_L11_what_is_no_text_or_nothing_is_no_password(value: Any) -> None:
    assert refusal(value) == "password must be a text of 1 to 1024 bytes."
    assert not may_be_password(value)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaa",
        "                x",
        "  correct horse battery  ",
        "0000 1111 2222 3333",
        "no-capital-no-digit",
        "\0\r\n\t\x7f" * 3,
        "مرحبا بالعالم كله",
        "👩\u200d👩\u200d👧" * 4,
        "'; DROP TABLE users; --",
    ],
)
def test_L07_any_composition_is_accepted(password: str) -> None:
    assert refusal(password) is None


def test_L11_a_password_of_nothing_but_space_is_refused() -> None:
    assert refusal(" \t\u2003" * 6) == "password is one of the most common ones."


def test_L07_a_character_that_may_come_to_be_hashed_otherwise_is_refused() -> None:
    assert refusal("correct horse \U000e1234") == "password must not hold characters that Unicode has not assigned."


COMMON = "password is one of the most common ones."


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PASSWORD",
        "PassWord",
        "  password\t",
        "passwordpassword",
        "Password1Password1Password1",
        "iloveyou1",
    ],
)
def test_L07_a_common_password_is_refused_in_any_case_repeated_and_between_spaces(password: str) -> None:
    assert refusal(password, only_factor=False) == COMMON


def test_L07_each_of_the_commonest_is_refused_however_it_is_written() -> None:
    peer = [one for one in CommonPasswordValidator().passwords if len(one) >= 8]
    told = {refusal(turn(one), only_factor=False) for one in peer for turn in (str, str.upper, str.title)}
    assert told == {COMMON}
    assert len(peer) > 8000


def test_L07_the_list_is_that_of_the_peer_without_what_is_too_short_anyway() -> None:
    assert common_passwords() == {one.casefold() for one in CommonPasswordValidator().passwords if len(one) >= 8}


def test_the_list_and_its_licence_are_in_the_wheel(tmp_path: Path) -> None:
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, timeout=60)
    [file] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(file) as wheel:
        data = wheel.read("plexe_auth/blocklist/common-passwords.txt.gz")
        assert b"Royce Williams" in wheel.read("plexe_auth/blocklist/LICENSE")
        assert any(name.endswith("licenses/plexe_auth/blocklist/LICENSE") for name in wheel.namelist())
    assert frozenset(gzip.decompress(data).decode().splitlines()) == common_passwords()


ABOUT = ("Plexe", "jane.doe+news", "Jane Élodie Dœ-Smith")


@pytest.mark.parametrize(
    "password",
    ["plexe123", "PLEXEplexe", "jane.doe", "jane.doe!!", "2024jane", "SmithPlexe", "e\u0301lodie-1", "doe-doe-doe"],
)
def test_L07_a_password_of_known_names_and_a_few_characters_is_refused(password: str) -> None:
    told = "password is made of the names of the product or its owner."
    assert refusal(password, only_factor=False, about=ABOUT) == told


@pytest.mark.parametrize("password", ["plexe12345", "jane and a horse", "doe-eod-doe", "nothing of it"])
def test_L07_a_password_that_has_a_name_and_more_is_accepted(password: str) -> None:
    assert refusal(password, only_factor=False, about=ABOUT) is None


@pytest.mark.parametrize("about", [(), ("",), (" ", "…", "\ud800"), ("x" * 10_000_000,), ("a b c d " * 100_000,)])
def test_L04_names_of_any_size_are_no_burden(about: tuple[str, ...]) -> None:
    common_passwords()
    tracemalloc.start()
    try:
        assert refusal("correct horse battery", about=about) is None
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


@given(st.text(min_size=15, max_size=60), st.lists(st.text(max_size=20), max_size=4))
def test_L06_what_is_accepted_comes_back_as_it_was_and_is_hashed_in_one_form(text: str, about: list[str]) -> None:
    told = refusal(text, about=tuple(about))
    assert told is None or told.startswith("password ")
    if may_be_password(text):
        composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
        assert as_hashed(text) == as_hashed(composed) == as_hashed(decomposed) == composed.encode()


def test_L06_nothing_but_the_composition_of_accents_is_changed() -> None:
    for text in ("  two  spaces  ", "Case", "²", "ﬁ", "Ⅳ", "①", "\u00a0", "ｗｉｄｅ", "NUL\0"):
        assert as_hashed(text) == text.encode()


@pytest.mark.parametrize("password", ["canary", "canary" * 500, "canary\ud800" * 3, "canary\U000e1234" * 3])
def test_H12_no_refusal_holds_the_password_nor_does_a_frame_of_it(password: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked_password(password, only_factor=True, about=(), common=common_passwords())
    assert [one for one in held_by(refused.value, ours(refused.value)) if "canary" in one] == []
