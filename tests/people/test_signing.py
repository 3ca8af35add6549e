"""A signed value is read back by its purpose, its keys and its time alone, from one exact text."""

import base64
import hashlib
import itertools
import string
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import itsdangerous
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import ConfigurationError, InvalidRequest
from plexe_auth.signing import LONGEST, Signer

OLD, NEW, OTHER = "an older key: 7f3Qz0mW", b"the newest key: k2Vx9tRb", "the key of others: p8Lc4d"
NOW = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)
LIFE = timedelta(minutes=10)
ALPHABET = string.ascii_letters + string.digits + "-_"
VALUE = {"state": "abc", "next": "/keys", "times": 3, "fresh": True, "none": None}
SCALARS = st.text() | st.integers(-(2**63) + 1, 2**63 - 1) | st.booleans() | st.none()
SIGNER = Signer((NEW, OLD), "oauth state")


def signed(value: Any = VALUE, now: datetime = NOW) -> str:
    return SIGNER.sign(value, now)


@given(
    st.text(max_size=300) | st.dictionaries(st.text(max_size=20), SCALARS, max_size=5),
    st.datetimes(timezones=st.just(UTC)),
)
def test_what_was_signed_is_read_back_just_as_it_was(value: Any, now: datetime) -> None:
    read = SIGNER.unsign(SIGNER.sign(value, now), now, LIFE)
    assert read == value
    assert isinstance(value, str) or [type(one) for one in read.values()] == [type(one) for one in value.values()]  # type: ignore[union-attr]


def test_a_text_goes_through_cookies_and_urls_as_it_is() -> None:
    assert set(signed({"é🔑": '\ud800\0;, "'})) <= {*ALPHABET, "."}


def test_S09_the_newest_key_signs_by_HMAC_SHA_256_for_its_purpose() -> None:
    body = signed().rpartition(".")[0]
    wanted = itsdangerous.Signer(
        NEW, salt="plexe_auth oauth state", key_derivation="hmac", digest_method=hashlib.sha256
    )
    assert wanted.sign(body).decode() == signed()
    assert Signer((NEW,), "oauth state").unsign(signed(), NOW, LIFE) == VALUE
    assert Signer((OLD,), "oauth state").unsign(signed(), NOW, LIFE) is None


def test_S09_an_older_key_still_reads_and_a_removed_one_does_not() -> None:
    text = Signer((OLD,), "oauth state").sign(VALUE, NOW)
    assert SIGNER.unsign(text, NOW, LIFE) == VALUE
    assert Signer((NEW,), "oauth state").unsign(text, NOW, LIFE) is None
    assert Signer((OTHER, NEW), "oauth state").unsign(text, NOW, LIFE) is None


PURPOSES = ["oauth state", "csrf", "oauth", " oauth state", "oauth state ", "OAUTH STATE", "oauth state\0"]


@pytest.mark.parametrize(("made_for", "read_for"), list(itertools.product(PURPOSES, PURPOSES)))
def test_S08_a_value_of_one_purpose_is_nothing_in_every_other(made_for: str, read_for: str) -> None:
    text = Signer((NEW,), made_for).sign("abc", NOW)
    assert Signer((NEW,), read_for).unsign(text, NOW, LIFE) == ("abc" if made_for == read_for else None)


def test_S08_what_others_sign_with_our_key_is_nothing() -> None:
    kinds: tuple[Any, ...] = (
        itsdangerous.URLSafeSerializer,
        itsdangerous.URLSafeTimedSerializer,
        itsdangerous.Serializer,
    )
    for kind in kinds:
        for salt in ("plexe_auth oauth state", "oauth state", "itsdangerous"):
            text = kind(NEW, salt=salt).dumps(VALUE)
            assert SIGNER.unsign(text if isinstance(text, str) else text.decode(), NOW, LIFE) is None


@given(st.timedeltas(-timedelta(days=400), timedelta(days=400)))
def test_a_value_is_good_from_when_it_was_signed_until_just_before_its_greatest_age(age: timedelta) -> None:
    read = SIGNER.unsign(signed(), NOW + age, LIFE)
    assert (read == VALUE) == (-timedelta(seconds=5) <= age < LIFE)


@pytest.mark.parametrize(
    ("age", "good"),
    [
        (timedelta(0), True),
        (LIFE - timedelta(microseconds=1), True),
        (LIFE, False),
        (-timedelta(seconds=5), True),
        (-timedelta(seconds=5, microseconds=1), False),
    ],
)
def test_its_ends_are_exact(age: timedelta, good: bool) -> None:
    assert (SIGNER.unsign(signed(), NOW + age, LIFE) == VALUE) == good


@pytest.mark.parametrize("life", [timedelta(0), timedelta(seconds=-1)])
def test_a_value_without_a_life_is_never_good(life: timedelta) -> None:
    for ahead in (0, -1, -5):
        assert SIGNER.unsign(signed(), NOW + timedelta(seconds=ahead), life) is None


def test_the_clock_is_the_one_that_was_handed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", None)
    assert SIGNER.unsign(signed(), NOW, LIFE) == VALUE


def test_every_change_of_one_character_is_refused() -> None:
    text = signed()
    for place, other in itertools.product(range(len(text)), f"{ALPHABET}.=+/ é\n\0"):
        changed = text[:place] + other + text[place + 1 :]
        assert (SIGNER.unsign(changed, NOW, LIFE) == VALUE) == (changed == text)


def test_every_insertion_and_every_deletion_is_refused() -> None:
    text = signed()
    for place in range(len(text) + 1):
        assert SIGNER.unsign(text[:place], NOW, LIFE) == (VALUE if place == len(text) else None)
        assert place == 0 or SIGNER.unsign(text[: place - 1] + text[place:], NOW, LIFE) is None
        for other in "A.=-_ \n\0\u200b":
            assert SIGNER.unsign(text[:place] + other + text[place:], NOW, LIFE) is None


def test_a_signature_without_a_key_is_refused() -> None:
    body, _dot, signature = signed().rpartition(".")
    forged = base64.urlsafe_b64encode(hashlib.sha256(body.encode()).digest()).rstrip(b"=").decode()
    for other in ("", "A" * 43, forged, signature[:-1], signature[::-1]):
        assert SIGNER.unsign(f"{body}.{other}", NOW, LIFE) is None
    assert SIGNER.unsign(body, NOW, LIFE) is None


@given(st.text() | st.text(f"{ALPHABET}.", min_size=40) | st.binary() | st.none() | st.integers() | st.lists(st.text()))
def test_whatever_is_sent_it_is_nothing_and_nothing_is_raised(sent: Any) -> None:
    assert SIGNER.unsign(sent, NOW, LIFE) is None


def test_what_is_too_long_is_refused_before_a_sum_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    text = signed("x" * 2_700)
    assert len(text) < LONGEST
    monkeypatch.setattr(itsdangerous.Signer, "unsign", None)
    for sent in ("A" * LONGEST + text, text + "A" * 1_000_000):
        assert SIGNER.unsign(sent, NOW, LIFE) is None


def test_what_would_be_too_long_is_not_signed() -> None:
    with pytest.raises(InvalidRequest):
        signed("x" * LONGEST)


def test_the_longest_text_that_is_signed_is_read() -> None:
    longest = max(size for size in range(2_700, 2_900) if fits(size))
    assert SIGNER.unsign(signed("x" * longest), NOW, LIFE) == "x" * longest


def fits(size: int) -> bool:
    try:
        return bool(signed("x" * size))
    except InvalidRequest:
        return False


class Named(dict[str, str]):
    """A mapping that is more than one."""


UNSIGNABLE = [None, 7, True, 1.5, b"abc", ["abc"], {"a": ["b"]}, {"a": {"b": "c"}}, {"a": 1.5}, {1: "a"}, {"a": 2**63}]
UNSIGNABLE += [{"a": float("nan")}, {"a": b"b"}, {b"a": "b"}, {"a", "b"}, {"a": 10**5000}]


@pytest.mark.parametrize("value", UNSIGNABLE, ids=lambda one: type(one).__name__)
def test_what_would_not_come_back_as_it_was_is_not_signed(value: Any) -> None:
    with pytest.raises(InvalidRequest):
        signed(value)


def test_any_flat_mapping_comes_back_as_a_dict() -> None:
    assert type(SIGNER.unsign(signed(Named(a="b")), NOW, LIFE)) is dict


@pytest.mark.parametrize("keys", [(), ("short",), ("example" * 5,), (NEW, "changeme changeme changeme")])
def test_S09_a_signer_without_a_good_key_is_refused_when_it_is_made(keys: Any) -> None:
    with pytest.raises(ConfigurationError):
        Signer(keys, "csrf")


def test_a_signer_without_a_purpose_is_refused_when_it_is_made() -> None:
    with pytest.raises(ConfigurationError):
        Signer((NEW,), "")


def test_a_signer_does_not_print_its_keys() -> None:
    assert "key" not in f"{SIGNER!r}{SIGNER}"
