"""A key has exactly one text: whatever differs from it in anything is refused, before anything is looked up."""

import hashlib
import hmac
import string
import unicodedata
import zlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plexe_auth import Secret, Settings
from plexe_auth.model.token import KeyDigests, KeyFormat
from plexe_auth.secret import BASE62

FORMAT = KeyFormat("plx_sk_")
KEYS = st.text(BASE62, min_size=40, max_size=40).map(lambda middle: with_checksum(f"plx_sk_{middle}"))
PLACES = st.integers(0, 52)

# The CRC-32 is gzip's, 683270895 in base 62 with the greatest place first.
WRITTEN_DOWN = "plx_sk_" + "0" * 40 + "0kEvyJ"


def with_checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode("utf-8", "replace")), ""
    while len(digits) < 6:
        number, rest = divmod(number, 62)
        digits = (string.digits + string.ascii_uppercase + string.ascii_lowercase)[rest] + digits
    return body + digits


@given(KEYS)
def test_a_text_of_the_exact_form_is_accepted(text: str) -> None:
    assert FORMAT.accepts(text)
    assert len(text) == FORMAT.length == 53


def test_a_new_key_has_the_exact_form() -> None:
    made = [FORMAT.make() for _ in range(500)]
    assert all(isinstance(one, Secret) for one in made)
    texts = [one.reveal() for one in made]
    assert all(map(FORMAT.accepts, texts))
    assert len(set(texts)) == 500
    assert all(with_checksum(text[:-6]) == text for text in texts)


def test_K12_every_change_of_one_character_is_refused() -> None:
    text = FORMAT.make().reveal()
    others = {*string.printable, "\0", "é", "а", "０", "\u200b", "\ud800"}
    changed = [text[:place] + other + text[place + 1 :] for place in range(53) for other in others - {text[place]}]
    assert len(changed) > 5_000
    assert not any(map(FORMAT.accepts, changed))


@given(KEYS, PLACES, st.characters())
def test_K12_every_insertion_is_refused(text: str, place: int, character: str) -> None:
    assert not FORMAT.accepts(text[:place] + character + text[place:])
    assert not FORMAT.accepts(text + character)


@given(KEYS, PLACES)
def test_K12_every_deletion_is_refused(text: str, place: int) -> None:
    assert not FORMAT.accepts(text[:place] + text[place + 1 :])
    assert not FORMAT.accepts(text[:place])


@given(KEYS, st.integers(0, 51))
def test_K12_every_exchange_of_neighbours_is_refused(text: str, place: int) -> None:
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    assert FORMAT.accepts(swapped) == (swapped == text)


@given(KEYS, PLACES, PLACES)
def test_K12_a_part_in_another_place_is_refused(text: str, start: int, to: int) -> None:
    moved = text[start:] + text[:start]
    assert FORMAT.accepts(moved) == (moved == text)
    doubled = text[:start] + text[to : to + 1] + text[start + 1 :]
    assert FORMAT.accepts(doubled) == (doubled == text)


LOOK_ALIKES = {
    "0": "O０٠𝟎",
    "1": "lIｉ１١",
    "a": "аａ𝐚ª",
    "e": "еｅé",
    "o": "оοｏº",
    "p": "рｐ",
    "s": "ѕｓſ",
    "k": "кｋK",
    "x": "хｘ×",
    "l": "ӏ1Iｌ",
    "_": "＿‿-",
}


@given(KEYS)
def test_K11_every_look_alike_is_refused(text: str) -> None:
    for place, character in enumerate(text):
        for other in LOOK_ALIKES.get(character, ""):
            assert not FORMAT.accepts(text[:place] + other + text[place + 1 :])


@given(KEYS)
def test_K11_another_case_is_refused(text: str) -> None:
    for other in (text.upper(), text.lower(), text.swapcase(), text.title(), text.capitalize()):
        assert FORMAT.accepts(other) == (other == text)


@pytest.mark.parametrize("space", [" ", "\n", "\r\n", "\t", "\0", "\x0b", "\x85", "\xa0", "\u2028", "\u200b", "\ufeff"])
def test_K11_no_space_goes_with_a_key(space: str) -> None:
    text = FORMAT.make().reveal()
    for other in (text + space, space + text, text[:-1] + space, text[:20] + space + text[20:]):
        assert not FORMAT.accepts(other)


@pytest.mark.parametrize(
    "wrap", ["{}=", "{}==", "{}%20", "%70lx_sk_{}", '"{}"', "{0},{0}", "Bearer {}", "x-api-key: {}", "{}&"]
)
def test_K11_no_dress_goes_with_a_key(wrap: str) -> None:
    assert not FORMAT.accepts(wrap.format(FORMAT.make().reveal()))


@given(KEYS)
def test_K11_what_Unicode_calls_the_same_is_refused(text: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in text)
    assert unicodedata.normalize("NFKC", wide) == text
    assert not FORMAT.accepts(wide)


@given(st.text("0Zé０٣", min_size=40, max_size=40) | st.text(min_size=40, max_size=40))
def test_K11_a_right_checksum_makes_no_key_of_other_characters(middle: str) -> None:
    assert FORMAT.accepts(with_checksum(f"plx_sk_{middle}")) == (set(middle) <= set(BASE62))


@given(st.text() | st.binary() | st.none() | st.integers() | st.floats() | st.lists(st.text()))
@example("plx_sk_" + "é" * 46)
@example("plx_sk_" + "\ud800" * 46)
@example("plx_sk_" + "_" * 46)
def test_K10_whatever_comes_it_is_refused_and_nothing_is_raised(value: Any) -> None:
    assert not FORMAT.accepts(value)


@pytest.mark.parametrize("length", [54, 64 * 1024, 1024 * 1024])
def test_K13_what_is_too_long_is_refused_without_a_sum(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    text = FORMAT.make().reveal().ljust(length, "0")
    monkeypatch.setattr(zlib, "crc32", None)
    assert not FORMAT.accepts(text)


def test_the_form_is_the_documented_one_for_ever() -> None:
    assert with_checksum("plx_sk_" + "0" * 40) == WRITTEN_DOWN
    assert FORMAT.accepts(WRITTEN_DOWN)


def test_a_key_of_another_prefix_is_refused() -> None:
    other = KeyFormat("app_")
    assert not other.accepts(FORMAT.make().reveal())
    assert not FORMAT.accepts(other.make().reveal())
    assert not FORMAT.accepts(KeyFormat("abc_de_").make().reveal())


@given(KEYS)
def test_K20_a_hint_shows_four_characters_at_each_end_and_no_more(text: str) -> None:
    assert FORMAT.hint(Secret(text)) == f"plx_sk_{text[7:11]}…{text[-4:]}"


@given(KEYS)
def test_K18_what_is_kept_is_the_digest_of_the_whole_text(text: str) -> None:
    digests = KeyDigests(())
    assert digests.newest(Secret(text)) == hashlib.sha256(text.encode()).digest()
    assert digests.all(text) == (digests.newest(Secret(text)),)


@given(KEYS)
def test_K18_the_newest_pepper_writes_and_older_ones_and_none_are_read(text: str) -> None:
    digests = KeyDigests(Settings(peppers=("the newest pepper", b"an older pepper!")).peppers)
    under = [hmac.digest(pepper, text.encode(), "sha256") for pepper in (b"the newest pepper", b"an older pepper!")]
    assert digests.newest(Secret(text)) == under[0]
    assert digests.all(text) == (*under, hashlib.sha256(text.encode()).digest())
