"""The rules of passkeys that need no cryptography."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import ConfigurationError, InvalidRequest
from plexe_auth.model.passkey import (
    Passkey,
    RelyingParty,
    checked_name,
    from_our_page,
    is_owner,
    new_challenge,
    regressed,
    user_handle,
)

PASSKEY = Passkey(b"id", b"key", user_handle("user_7"))
COUNTS = st.integers(0, 2**32 - 1)


def party(domain: Any = "example.com", name: Any = "Example", origins: Any = ("https://example.com",)) -> RelyingParty:
    return RelyingParty(domain, name, origins)


@pytest.mark.parametrize(
    ("domain", "origin"),
    [
        ("example.com", "https://example.com"),
        ("example.com", "https://console.example.com"),
        ("example.com", "https://a.b.example.com:8443"),
        ("console.example.com", "https://console.example.com"),
        ("xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("localhost", "http://localhost:8000"),
        ("localhost", "http://localhost"),
        ("localhost", "https://localhost"),
    ],
)
def test_a_relying_party_serves_pages_on_its_domain_and_below_it(domain: str, origin: str) -> None:
    assert party(domain, origins=(origin,)).origins == (origin,)


@pytest.mark.parametrize(
    "origin",
    [
        "http://example.com",
        "https://example.com.evil.com",
        "https://evilexample.com",
        "https://com",
        "https://example.com/",
        "https://example.com:0",
        "https://example.com:",
        "https://Example.com",
        "https://example.com\n",
        "https://user@example.com",
        "https://*.example.com",
        "https://exämple.com",
        "http://localhost",
        "null",
        "",
        None,
        b"https://example.com",
    ],
)
def test_an_origin_that_is_not_ours_is_refused(origin: Any) -> None:
    for origins in ((origin,), ("https://example.com", origin)):
        with pytest.raises(ConfigurationError, match="each origin"):
            party(origins=origins)


@pytest.mark.parametrize("origins", [(), "https://example.com", None, ["https://example.com"], 7])
def test_origins_are_several(origins: Any) -> None:
    with pytest.raises(ConfigurationError, match="each origin"):
        party(origins=origins)


DOMAINS = [
    "",
    "com",
    "Example.com",
    "example.com.",
    ".example.com",
    "https://example.com",
    "exämple.com",
    "example.com\n",
]
DOMAINS += ["a..example.com", "example.com:443", "127.0.0.1/8", f"{'a' * 64}.com", f"{'a.' * 130}com"]


@pytest.mark.parametrize("domain", [*DOMAINS, None, 7, b"example.com"], ids=ascii)
def test_an_id_is_a_domain_in_lower_case(domain: Any) -> None:
    with pytest.raises(ConfigurationError, match="the id of a relying party"):
        party(domain)


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", None, 7])
def test_a_relying_party_has_a_name(name: Any) -> None:
    with pytest.raises(ConfigurationError, match="needs a name"):
        party(name=name)


def test_M13_a_challenge_has_256_random_bits() -> None:
    made = [new_challenge() for _ in range(500)]
    assert {len(one) for one in made} == {43}
    assert len(set(made)) == 500
    assert all(len({one[place] for one in made}) > 55 for place in range(43))


@given(st.text(), st.text())
def test_a_user_handle_tells_nothing_and_is_one_users(one: str, other: str) -> None:
    assert (user_handle(one) == user_handle(other)) == (one == other)
    assert len(user_handle(one)) == 32


def test_a_user_handle_is_the_same_for_ever() -> None:
    assert user_handle("user_7") == hashlib.sha256(b"plexe_auth passkey user\0user_7").digest()


@given(COUNTS, COUNTS)
def test_M15_a_count_regresses_when_it_does_not_grow_and_one_that_is_never_kept_does_not(known: int, told: int) -> None:
    assert regressed(known, told) == (not (told > known or (known == 0 and told == 0)))


@given(st.none() | st.binary() | st.just(PASSKEY.user_handle), st.booleans())
def test_M14_the_owner_is_who_the_response_names_or_who_was_known(told: bytes | None, known: bool) -> None:
    assert is_owner(PASSKEY, told, known=known) == (known if told is None else told == PASSKEY.user_handle)


@pytest.mark.parametrize(
    ("client_data", "ours"),
    [
        (b'{"challenge":"abc"}', True),
        (b'{"challenge":"abc","crossOrigin":false,"more":{}}', True),
        (b'{"challenge":"abc","crossOrigin":true}', False),
        (b'{"challenge":"abc","crossOrigin":0}', False),
        (b'{"challenge":"abc","topOrigin":null}', False),
        (b'{"challenge":"abd"}', False),
        (b'{"challenge":null}', False),
        (b"{}", False),
        (b'["challenge","abc"]', False),
        (b'"abc"', False),
    ],
)
def test_M14_our_page_is_one_with_our_challenge_and_nobody_around_it(client_data: bytes, ours: bool) -> None:
    assert from_our_page(client_data, "abc") == ours


@pytest.mark.parametrize(
    "name", ["x", "Ada's laptop", "é" * 64, "<script>alert(1)</script>", " phone ", "ключ 🔑", "a" * 64]
)
def test_S18_a_name_is_kept_just_as_it_was_given(name: str) -> None:
    assert checked_name(name) == name


BAD_NAMES = [
    "",
    " ",
    "   ",
    "x" * 65,
    "a\nb",
    "a\0b",
    "a\tb",
    "\u202egpj.exe",
    "a\u200bb",
    "\u2066a",
    "\ufeffa",
    "\x1b[31m",
]


@pytest.mark.parametrize("name", [*BAD_NAMES, "\xa0", "\u2028", "\ud800", None, 7, True, b"a", ["a"], {}], ids=ascii)
def test_S18_a_name_that_hides_something_is_refused(name: Any) -> None:
    with pytest.raises(InvalidRequest) as info:
        checked_name(name)
    assert info.value.field == "name"
