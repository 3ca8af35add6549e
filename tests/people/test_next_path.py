"""Whoever signs in is led to a path of ours, whatever was asked for; browsers and two other readers agree on it."""

import itertools
import posixpath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.errors import ConfigurationError
from plexe_auth.model.next_path import next_path
from tests.people.whatwg import origins

HERE = "https://app.example"
FALLBACK = "/fallback"

HOSTILE: list[Any] = [
    # another host, by slashes
    "//evil.example", "///evil.example", "////evil.example", "//evil.example/keys", "//evil.example@app.example",
    "/\\evil.example", "\\/evil.example", "\\\\evil.example", "/\\/evil.example", "/\\\\evil.example",
    "\\evil.example",
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "/\r\n/evil.example", "\t//evil.example",
    "\n//evil.example",
    " //evil.example", "\0//evil.example", "\x1f//evil.example", "\x0b//evil.example", "/\t\\evil.example",
    "\u00a0//evil.example",
    "/ /evil.example", "/\x00/evil.example", "\ufeff//evil.example", "//evil%00.example", "//[::1]", "//127.1",
    "//0x7f.1",
    # another host, by a scheme
    "https://evil.example", "HTTPS://evil.example", "https:evil.example", "https:/evil.example",
    "https:///evil.example",
    "https:\\\\evil.example", "ht\ntps://evil.example", "\thttps://evil.example", " https://evil.example",
    "http://app.example", "https://app.example/keys", "https://app.example@evil.example",
    "https://app.example.evil.example",
    "https://app.example\\@evil.example", "https://evil.example#@app.example", "https://evil.example?app.example",
    "ftp://evil.example", "file:///etc/passwd", "//user:pass@evil.example/", "//app.example:80@evil.example",
    # another program
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)",
    "data:text/html,<script>",
    "vbscript:x", "blob:https://app.example/x", "about:blank", "mailto:a@b.example",
    "view-source:https://evil.example",
    # dots and slashes of other scripts, which hosts are normalised from
    "//evil\u3002example", "/\u2215evil.example", "\uff0f\uff0fevil.example", "/\uff0fevil.example",
    "/\uff3cevil.example",
    "https://evil\uff0eexample", "/\u2044/evil.example", "/é", "/\ud800", "/\u202e/keys",
    # encoded, for whoever decodes or normalises once more
    "/%2fevil.example", "/%2Fevil.example", "/%5cevil.example", "/%5Cevil.example", "%2f%2fevil.example",
    "/%09/evil.example",
    "/%0d%0aSet-Cookie:x=1", "/%0a", "/%00", "/%252fevil.example", "/%25252fevil.example",
    "/keys/%2e%2e//evil.example",
    "/.//evil.example", "/..//evil.example", "/../..//evil.example", "/%2e//evil.example", "/./\\evil.example",
    "/;//evil.example",
    "/keys//evil.example", "/keys/..//evil.example", "/keys/../../evil", "/.", "/..", "/./", "/%2e%2e/", "/%2E./x",
    "/%", "/%4", "/%zz",
    # not from the root, or nothing
    "", " ", "keys", "./keys", "../keys", "?next=/", "#x", "*", ":", "@evil.example", ".evil.example",
    "evil.example", ";//evil.example",
    # header and markup
    "/keys\r\nSet-Cookie: x=1", "/keys\nLocation: https://evil.example", "/keys\0", "/keys\x7f", "/keys x",
    "/<script>", '/"onload="',
    "/keys`", "/{keys}", "/keys|x", "/keys^", "/[keys]", "/keys?x=\n", "/keys#\t", "/keys?<>",
    # of another size or type
    "/" + "a" * 2048, "/" + "a" * 9000, "/" + "/" * 9000, "//" * 5000, "/" + "%41" * 3000,
    None, 7, 7.0, True, False, b"/keys", ["/keys"], ("/keys",), {"/keys": 1}, object(), float("nan"),
]  # fmt: skip

GOOD = [
    "/", "/keys", "/keys/", "/keys/42/edit", "/a.b/c..d/...", "/.well-known/x", "/keys?page=2&sort=name", "/keys#new",
    "/keys?next=//evil.example", "/keys?u=https://evil.example/", "/keys?x=%2f%2f%0d%0a#a/b?c",
    "/~ada/(1)/a,b;c=d/@me/x:y/!*'$&+=",
    "/caf%C3%A9", "/a%20b", "/keys?", "/keys#", "/?x", "/#x", "/a/.b", "/a/b.", "/" + "a" * 2047,
    "/javascript:alert(1)", "/@evil.example",
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_S14_O13_what_is_no_path_of_ours_leads_to_the_default(value: Any) -> None:
    assert next_path(value, FALLBACK) == FALLBACK
    assert next_path(value) == "/"


@pytest.mark.parametrize("value", GOOD, ids=range(len(GOOD)))
def test_a_path_of_ours_is_led_to_as_it_is(value: str) -> None:
    assert next_path(value, FALLBACK) == value


def test_S14_the_corpus_is_large() -> None:
    assert len(HOSTILE) >= 140


PIECES = [
    "/",
    "//",
    "\\",
    "\t",
    "\n",
    " ",
    ".",
    "..",
    "%2e",
    "%2f",
    "%5c",
    "%09",
    "@",
    ":",
    "?",
    "#",
    ";",
    "evil.example",
    "https:",
    "a",
    "\0",
    "%25",
]


def made_up() -> list[str]:
    """Every way to join up to four pieces, of what has led elsewhere before."""
    some = ["".join(pieces) for count in (1, 2, 3) for pieces in itertools.product(PIECES, repeat=count)]
    return (
        some + ["/" + "".join(pieces) for pieces in itertools.product(PIECES, repeat=3)] + [str(one) for one in HOSTILE]
    )


def test_S14_no_browser_is_led_to_another_origin() -> None:
    taken = sorted({one for one in made_up() if next_path(one, FALLBACK) == one} | set(GOOD))
    assert len(taken) > 100
    assert set(origins(f"{HERE}/login/callback?state=x", taken)) == {HERE}


def test_S14_the_reader_that_stands_for_browsers_knows_how_they_are_led_astray() -> None:
    """A small table of the WHATWG's own rules, so that the test above cannot pass by a reader that knows less."""
    table = {
        "//evil.example": "https://evil.example",
        "/\\evil.example": "https://evil.example",
        "/\t/evil.example": "https://evil.example",
        "\\\\evil.example": "https://evil.example",
        " //evil.example": "https://evil.example",
        "///evil.example": "https://evil.example",
        "https:evil.example": "https://app.example",
        "http:evil.example": "http://evil.example",
        "ht\ntps://evil.example": "https://evil.example",
        "//evil\u3002example": "https://evil.example",
        "javascript:alert(1)": "null",
        "//[": "invalid",
        "/%2fevil.example": "https://app.example",
        "/.//evil.example": "https://app.example",
    }
    assert dict(zip(table, origins(f"{HERE}/x", list(table)), strict=True)) == table


@given(st.text(st.sampled_from("/\\\t\n\r .%25efEF0?#@:;ax"), max_size=12) | st.text(max_size=20))
def test_S14_other_readers_agree_even_after_decoding_and_normalising(value: str) -> None:
    taken = next_path(value, FALLBACK)
    path = urlsplit(taken).path
    for form in (taken, path, unquote(path), posixpath.normpath(unquote(path)), unquote(unquote(path))):
        assert urlsplit(urljoin(f"{HERE}/login", form)).netloc == "app.example"
        assert not form.startswith(("//", "/\\"))
    assert taken.isascii()
    assert taken.isprintable()
    assert next_path(taken, FALLBACK) == taken


@pytest.mark.parametrize("default", ["//evil.example", "", "keys", None, 7, "/\n", "https://app.example/"])
def test_a_default_that_is_no_path_of_ours_is_a_mistake_of_the_programmer(default: Any) -> None:
    with pytest.raises(ConfigurationError):
        next_path("/keys", default)
