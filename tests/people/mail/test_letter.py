"""A letter goes to exactly one recipient, and no text in it becomes a header; a link leads to the base URL alone."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import ConfigurationError, InvalidRequest
from plexe_auth.model.letter import Letter, masked
from plexe_auth.model.links import Links, is_this_machine

GOOD = [
    "ada@example.com",
    "Ada.Lovelace+tag@example.co.uk",
    "o'hara_{x}|~=?^`/*&$#-@xn--bcher-kva.example",
    "a@b",
    "a" * 64 + "@example.com",
]
BAD = [
    "",
    "ada",
    "@example.com",
    "ada@",
    "ada@example.com,eve@example.com",
    "ada@example.com;eve@example.com",
    "ada@example.com eve@example.com",
    "ada@example.com\neve@example.com",
    "ada@example.com\r\nBcc: eve@example.com",
    "ada@example.com\n",
    "\nada@example.com",
    "ada@example.com\0",
    "ada\t@example.com",
    "Ada <ada@example.com>",
    "<ada@example.com>",
    "<ada@example.com",
    "ada@example.com>",
    '"ada"@example.com',
    '"ada,eve"@example.com',
    "ada(comment)@example.com",
    "ada@example.com(comment)",
    "friends:ada@example.com,eve@example.com;",
    "friends:;",
    "@relay.example:ada@example.com",
    "ada@eve@example.com",
    "eve%ada@example.com",
    "host!ada@example.com",
    "ada@[127.0.0.1]",
    "ada@[IPv6:::1]",
    "ada\\@example.com",
    ".ada@example.com",
    "ada.@example.com",
    "a..b@example.com",
    "ada@.example.com",
    "ada@example..com",
    "ada@example.com.",
    "ada@-example.com",
    "ada@example-.com",
    "ada@exa_mple.com",
    "ada@exämple.com",
    "adä@example.com",
    "ada@example.com",
    "ada＠example.com",
    "ada@example，com",
    "ada@example。com",
    "ada@example.com\u2028",
    "ada@example.com\u202e",
    "ada\u200b@example.com",
    "ada\ud800@example.com",
    "a" * 65 + "@example.com",
    "a@" + "b" * 64 + ".com",
    "a@" + "b." * 126 + "c",
    "a" * 100_000,
]
NO_TEXTS: list[Any] = [None, 0, 1, True, 1.5, [], ["ada@example.com"], {}, b"ada@example.com", object()]
CONTROLS = ["\0", "\r", "\v", "\f", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("to", GOOD)
def test_a_plain_address_is_kept_as_it_is(to: str) -> None:
    assert Letter(to, "s", "t").to == to


@pytest.mark.parametrize("to", [*(one for one in BAD if one not in GOOD), *NO_TEXTS])
def test_L09_what_is_not_exactly_one_address_is_no_recipient(to: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Letter(to, "s", "t")
    assert caught.value.field == "to"
    assert str(to) not in str(caught.value) or str(to) in "0 1 [] {} "


@given(st.text(st.sampled_from('ab.@,;<>"\\() \r\n\0:%!é＠[]'), max_size=20))
def test_L09_whatever_is_taken_has_one_at_and_no_sign_that_parts(to: str) -> None:
    try:
        taken = Letter(to, "s", "t").to
    except InvalidRequest:
        return
    assert taken.count("@") == 1
    assert taken.isascii()
    assert not set(taken) & set(',;<>"\\() \r\n\0:%![]')


@pytest.mark.parametrize("sign", [*CONTROLS, "\n", "\t"])
def test_L09_a_subject_is_one_line(sign: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Letter("ada@example.com", f"a{sign}Bcc: eve@example.com", "t")
    assert caught.value.field == "subject"


@pytest.mark.parametrize("sign", [*CONTROLS, "\ud800"])
@pytest.mark.parametrize("field", ["text", "html"])
def test_a_body_holds_no_control_characters_but_ends_of_lines(field: str, sign: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Letter("ada@example.com", "s", **{"text": "t", field: f"a\n\tb{sign}"})
    assert caught.value.field == field


@pytest.mark.parametrize("value", ["", *NO_TEXTS[1:], "x" * 100_001])
@pytest.mark.parametrize("field", ["subject", "text", "html"])
def test_a_part_that_is_no_text_or_too_much_is_refused(field: str, value: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Letter("ada@example.com", **{"subject": "s", "text": "t", field: value})
    assert caught.value.field == field


def test_its_repr_shows_neither_the_body_nor_the_address() -> None:
    letter = Letter("ada@example.com", "s", "canary", "<p>canary</p>")
    assert repr(letter) == "Letter(to='a…@example.com', subject='s')"
    assert masked("a@example.com") == "…@example.com"


BASES = [
    "https://example.com",
    "https://example.com/",
    "https://app.example.com:8443/account/x",
    "http://localhost:8000",
    "http://LOCALHOST",
    "http://127.0.0.1:5000/app",
    "http://127.9.9.9",
    "http://[::1]:5000",
    "https://[2001:db8::1]",
]
BAD_BASES: list[Any] = [
    "http://example.com",
    "http://localhost.example.com",
    "http://127.0.0.1.example.com",
    "http://127.1",
    "http://2130706433",
    "http://0.0.0.0",
    "http://[2001:db8::1]",
    "ftp://example.com",
    "javascript:alert(1)",
    "//example.com",
    "example.com",
    "https:example.com",
    "https:///example.com",
    "https://",
    "https://user@example.com",
    "https://user:password@example.com",
    "https://example.com?next=1",
    "https://example.com#x",
    "https://example.com/?",
    "https://example.com/#",
    "https://example.com//",
    "https://example.com/a//b",
    "https://example.com/../x",
    "https://example.com/a/.",
    "https://example.com/%2e%2e",
    "https://example.com\\@evil.example",
    "https://example.com/\\evil.example",
    " https://example.com",
    "https://example.com ",
    "https://example.com\n",
    "https://exam\tple.com",
    "https://exam\0ple.com",
    "https://exämple.com",
    "https://example。com",
    "https://example.com:0",
    "https://example.com:65536",
    "https://example.com:x",
    "https://example..com",
    "https://.example.com",
    "https://-example.com",
    "https://" + "a" * 64 + ".com",
    "https://[::1",
    "https://[:::1]",
    "https://[v1.x]",
    "https://example.com/" + "a" * 3000,
    *NO_TEXTS,
]


@pytest.mark.parametrize("base", BASES)
def test_L21_a_link_begins_with_the_base_URL(base: str) -> None:
    assert Links(base).to("/reset", "Zx-8_1.~") == f"{base.rstrip('/')}/reset#token=Zx-8_1.~"
    assert Links(base, token_in="query").to("/a/b", "x") == f"{base.rstrip('/')}/a/b?token=x"
    assert Links(base).to("/security") == f"{base.rstrip('/')}/security"
    assert repr(Links(base)) == f"Links({base.removesuffix('/')!r})"


@pytest.mark.parametrize("base", BAD_BASES)
def test_L21_a_base_URL_that_says_more_or_less_than_a_place_is_refused_when_it_is_set(base: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Links(base)
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("place", ["", None, "path", "Fragment", 1, [], "fragment\n"])
def test_a_token_stands_in_the_fragment_or_the_query_alone(place: Any) -> None:
    with pytest.raises(ConfigurationError):
        Links("https://example.com", token_in=place)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "reset",
        "//evil.example",
        "/\\evil.example",
        "/a?b",
        "/a#b",
        "/a/",
        "/../a",
        "/a/..",
        "/.",
        "/a b",
        "/%2e",
        "/a\n",
        "/ä",
        *NO_TEXTS,
    ],
)
def test_L21_a_path_is_plain_segments(path: Any) -> None:
    with pytest.raises(ConfigurationError):
        Links("https://example.com").to(path, "token")


@pytest.mark.parametrize("token", ["", "a b", "a&b", "a#b", "a%20", "a/b", "a\n", "ä", "x" * 1001, *NO_TEXTS[1:]])
def test_a_token_that_needs_escaping_is_refused_and_not_shown(token: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Links("https://example.com").to("/reset", token)
    assert "%20" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("::1", True),
        ("127.0.0.1", True),
        ("localhost.", False),
        ("10.0.0.1", False),
        ("127.1", False),
        ("", False),
    ],
)
def test_this_machine_is_known_by_its_name_and_its_addresses(host: str, is_here: bool) -> None:
    assert is_this_machine(host) is is_here
