"""What is typed as an address is one mailbox that has one form, or it is refused; nothing that looks like it is it."""

import sys
import unicodedata
from email.headerregistry import Address as Parsed
from email.utils import getaddresses
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plexe_auth import InvalidRequest
from plexe_auth.model.email import Address, address

LABEL = "a" * 63
LONGEST = f"{'l' * 64}@{LABEL}.{LABEL}.{'b' * 58}.de"


@pytest.mark.parametrize(
    ("typed", "text", "canonical"),
    [
        ("jane@example.com", "jane@example.com", "jane@example.com"),
        ("Jane.Doe@Example.COM", "Jane.Doe@example.com", "jane.doe@example.com"),
        ("o'brien+news@mail.example.co.uk", "o'brien+news@mail.example.co.uk", "o'brien+news@mail.example.co.uk"),
        ("#$&'*+/=?^_`{|}~-@x.example", "#$&'*+/=?^_`{|}~-@x.example", "#$&'*+/=?^_`{|}~-@x.example"),
        ("a@1.b-c.example", "a@1.b-c.example", "a@1.b-c.example"),
        ("a@bücher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("A@BÜCHER.Example", "A@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@bu\u0308cher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@xn--strae-oqa.example", "a@xn--strae-oqa.example", "a@xn--strae-oqa.example"),
        ("a@例え.テスト", "a@xn--r8jz45g.xn--zckzah", "a@xn--r8jz45g.xn--zckzah"),
        (LONGEST, LONGEST, LONGEST),
    ],
)
def test_L08_an_address_is_stored_in_one_form_and_found_by_another(typed: str, text: str, canonical: str) -> None:
    assert address(typed) == Address(text, canonical)


REFUSED = {
    "nothing": "",
    "no @": "example.com",
    "no local part": "@example.com",
    "no domain": "a@",
    "two @": "a@b@example.com",
    "a list by comma": "a@x.com,b@y.com",
    "a list by semicolon": "a@x.com;b@y.com",
    "a name with it": "Jane <a@x.com>",
    "angles": "<a@x.com>",
    "a quoted local part": '"a b"@x.com',
    "a quoted @": '"a@evil.com"@x.com',
    "a comment": "a(comment)@x.com",
    "a comment behind": "a@x.com(comment)",
    "a group": "friends:a@x.com;",
    "an escape": "a\\@x.com",
    "white space before": " a@x.com",
    "white space behind": "a@x.com ",
    "white space within": "a b@x.com",
    "a tab": "a\t@x.com",
    "a line behind": "a@x.com\n",
    "a header": "a@x.com\r\nBcc: b@y.com",
    "NUL": "a@x.com\0",
    "NUL within": "a\0@x.com",
    "DEL": "a\x7f@x.com",
    "a lone surrogate": "a\ud800@x.com",
    "a lone surrogate in the domain": "a@x\udfff.com",
    "a zero-width space": "a@x\u200b.com",
    "a zero-width joiner": "a@x\u200d.com",
    "a soft hyphen": "a@x\u00ad.com",
    "a byte order mark": "\ufeffa@x.com",
    "right to left": "a@x\u202e.com",
    "a no-break space": "a\u00a0@x.com",
    "a percent hack": "a%y.com@x.com",
    "a bang path": "y.com!a@x.com",
    "a source route": "@y.com:a@x.com",
    "a wide @": "a＠x.com",
    "a wide @ too": "a＠y.com@x.com",
    "a wide letter": "ａ@x.com",
    "a dotless i": "mıke@x.com",
    "a dotted I": "MİKE@x.com",
    "a long s": "ſam@x.com",
    "a Kelvin sign": "mi\u212ae@x.com",
    "letters beyond ASCII before the @": "jürgen@x.com",
    "a Kelvin sign in the domain": "a@\u212ade.com",
    "a long s in the domain": "a@ſun.com",
    "a sharp s in the domain": "a@straße.de",
    "a final sigma in the domain": "a@ς.gr",
    "a ligature in the domain": "a@ﬁsh.com",
    "wide letters in the domain": "a@ｘ.com",
    "a wide full stop": "a@x．com",
    "an ideographic full stop": "a@x。com",
    "a circled letter": "a@ⓧ.com",
    "a symbol": "a@💩.la",
    "mixed forms": "a@bücher.xn--zckzah",
    "mixed forms in one label": "a@xn--bücher.com",
    "letters of both directions in one label": "a@אx.com",
    "dots in a row": "a..b@x.com",
    "a dot first": ".a@x.com",
    "a dot last": "a.@x.com",
    "an empty label": "a@x..com",
    "an empty label first": "a@.x.com",
    "the root": "a@x.com.",
    "one label": "a@localhost",
    "an address literal": "a@[127.0.0.1]",
    "an address": "a@127.0.0.1",
    "an address in hexadecimal": "a@127.0.0x1",
    "a hyphen first": "a@-x.com",
    "a hyphen last": "a@x-.com",
    "an underscore": "a@x_y.com",
    "an underscore beside letters": "a@ü_y.com",
    "a slash beside letters": "a@ü/y.com",
    "markup": "<b>a</b>@x.com",
    "a label of 64": f"a@{LABEL}a.com",
    "a label of 64 as an A-label": f"a@{'ü' * 60}.com",
    "a local part of 65": f"{'a' * 65}@x.com",
    "255 bytes": LONGEST + "e",
    "fewer characters, of more bytes": f"a@{'.'.join(['例' * 20] * 5)}.com",
    "255 bytes and more once its domain is in ASCII": "a@" + "ü." * 60 + "com",
    "a million characters": "a" * 1_000_000,
    "a million labels": "a@" + "a." * 500_000,
}


@pytest.mark.parametrize("typed", REFUSED.values(), ids=REFUSED)
def test_L09_whatever_is_not_one_plain_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        address(typed)
    assert refused.value.field == "email"
    assert len(refused.value.detail) < 80


@pytest.mark.parametrize("value", [None, True, 0, 7.5, b"a@x.com", ["a@x.com"], {"a@x.com": 1}, object()])
def test_L10_what_is_no_text_is_no_address(value: Any) -> None:
    with pytest.raises(InvalidRequest):
        address(value)


def ascii_in_disguise() -> list[str]:
    """Every character beyond ASCII that some rule of Unicode turns into ASCII, wholly or in part."""
    turned = (str.lower, str.upper, str.casefold, lambda one: unicodedata.normalize("NFKD", one))
    every = (chr(one) for one in range(0x80, sys.maxunicode + 1) if unicodedata.category(chr(one))[0] not in "C")
    return [one for one in every if any(other.isascii() for turn in turned for other in turn(one))]


def test_L08_no_letter_that_unicode_turns_into_another_stands_for_it() -> None:
    typed = [f"a@x{one}.example" for one in ascii_in_disguise()]
    accepted = {address(one).canonical for one in typed if is_address(one)}
    assert 20 < len(accepted) < 1000  # letters with an accent, in one case or the other
    assert all(one.startswith("a@xn--") for one in accepted)
    assert not any(is_address(f"a{one}@x.example") for one in ascii_in_disguise())


def is_address(typed: str) -> bool:
    try:
        address(typed)
    except InvalidRequest:
        return False
    return True


parts = st.text("abAB01._-+@ ,;<>\"'()\\\r\n\0üÜßſ\u212aıİ＠。\u0308\u200dאxn", max_size=12)
typed_texts = st.one_of(st.text(max_size=40), st.builds("{}@{}.{}".format, parts, parts, parts))


@given(typed_texts)
@example("A.b@Ünı.Com")
def test_L08_what_is_accepted_is_a_fixed_point_and_one_mailbox_for_every_parser(typed: str) -> None:
    if not is_address(typed):
        return
    found = address(typed)
    assert address(found.text) == found
    assert address(found.canonical) == Address(found.canonical, found.canonical)
    assert found.canonical.isascii()
    assert found.canonical == found.canonical.casefold()
    assert getaddresses([found.text]) == [("", found.text)]
    assert Parsed(addr_spec=found.text).addr_spec == found.text
    assert found.text.count("@") == 1


@given(typed_texts)
def test_L08_an_address_in_another_case_is_the_same_one(typed: str) -> None:
    if is_address(typed) and is_address(typed.swapcase()) and typed.swapcase().swapcase() == typed:
        assert address(typed).canonical == address(typed.swapcase()).canonical
