"""Each letter says one thing in plain words, twice; what others wrote is shown and does nothing."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from html import escape
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import ConfigurationError
from plexe_auth.mail.letters import Letters, moment, span
from plexe_auth.mail.page import Body
from plexe_auth.model.inert import inert
from plexe_auth.model.letter import Letter
from tests.people.mail.server import links

TO, LINK, HOUR = "ada@example.com", "https://app.example.com/do?a=1&b=2#token=Zx81", timedelta(hours=1)
AT = datetime(2026, 3, 29, 12, 5, tzinfo=UTC)


def written(letters: Letters, name: str = "Ada", product_link: str = LINK) -> dict[str, Letter]:
    """One letter of each kind, with `name` wherever somebody else may choose a text."""
    return {
        "verify_email": letters.verify_email(TO, product_link, HOUR),
        "reset_password": letters.reset_password(TO, product_link, HOUR),
        "already_registered": letters.already_registered(TO, product_link),
        "sign_in_code": letters.sign_in_code(TO, "271828", timedelta(minutes=10)),
        "new_device": letters.new_device(TO, product_link, AT, name, name),
        "password_changed": letters.password_changed(TO, product_link),
        "email_changed": letters.email_changed(TO, product_link),
        "factor_changed": letters.factor_changed(TO, f"a passkey called {name} was added", product_link),
        "provider_linked": letters.provider_linked(TO, name, product_link),
        "provider_unlinked": letters.provider_unlinked(TO, name, product_link),
        "invitation": letters.invitation(TO, name, name, product_link, HOUR),
    }


KINDS = list(written(Letters("Example")))
NAMED = ("new_device", "factor_changed", "provider_linked", "provider_unlinked", "invitation")


class Read(HTMLParser):
    """What a mail program makes of a page: its tags, where they lead, and the text it shows."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.leads_to: list[str | None] = []
        self.shown = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.leads_to += [
            value for name, value in attrs if name not in ("style", "lang", "dir", "charset", "name", "content")
        ]

    def handle_data(self, data: str) -> None:
        self.shown += data


def page(letter: Letter) -> Read:
    return Read(letter.html or "")


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_holds_one_link_at_most_and_it_is_the_one_that_was_given(kind: str) -> None:
    letter = written(Letters("Example"))[kind]
    expected = [] if kind == "sign_in_code" else [LINK]
    assert links(letter.text) == expected == page(letter).leads_to
    assert str(letter.html).count(f'href="{escape(LINK)}"') == len(expected)
    assert letter.to == TO


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_says_the_same_in_text_and_in_HTML(kind: str) -> None:
    letter = written(Letters("Example"))[kind]
    words = set(re.findall(r"\w+", letter.text.replace(LINK, "")))
    assert words <= set(re.findall(r"\w+", page(letter).shown))
    assert "Example" in letter.subject
    assert len(letter.text) > 60


def test_a_code_is_in_the_body_and_not_in_the_subject() -> None:
    letter = written(Letters("Example"))["sign_in_code"]
    assert "271828" in letter.text
    assert "271828" in page(letter).shown
    assert "271828" not in letter.subject


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</p></div><a href='https://evil.example'>click</a>",
    "&lt;b&gt;&#60;script&#62;",
    "{title} {0} {parts.__class__} %s $name",
    "\u202egro.live\u202c",
    "a\u200bb\u200cc\u200dd\ufeffe\u2060f\u00adg",
    "\u2066x\u2069\u061c",
    "one\r\nBcc: eve@example.com\n\ntwo\0\x1b[2J\u2028three",
    "https://evil.example/x www.evil.example evil.example mailto:eve@evil.example",
    "javascript:alert(1)",
    "\ud800",
    "\U000e0041\U000e0042",
    "\u3164\u115f\u2800\ufe0f",
    "a" + "\u0301" * 50,
    "x" * 5000,
    "",
    " ",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", NAMED)
def test_S18_what_others_wrote_is_inert_in_letters(kind: str, name: str) -> None:
    plain, letter = written(Letters("Example"))[kind], written(Letters("Example"), name)[kind]
    assert page(letter).tags == page(plain).tags
    assert page(letter).leads_to == [LINK] == links(letter.text)
    assert letter.subject == plain.subject
    for shown in (letter.text, page(letter).shown):
        assert not [one for one in shown if unicodedata.category(one) in ("Cf", "Cs", "Co", "Zl", "Zp")]
        assert not set(shown) & set("\u3164\u115f\u2800\ufe0f\U000e0041")
        assert not re.search(r"(?m)evil\.example|@evil|^Bcc|://evil", shown)
    assert abs(letter.text.count("\n") - plain.text.count("\n")) <= 4


@pytest.mark.parametrize("kind", KINDS)
def test_S18_a_product_with_signs_of_HTML_is_shown_as_it_is_called(kind: str) -> None:
    letter = written(Letters("A&B <Labs>"))[kind]
    assert "A&B <Labs>" in page(letter).shown
    assert "A&B <Labs>" in letter.text
    assert page(letter).tags == page(written(Letters("Example"))[kind]).tags


@given(st.text())
def test_S18_inert_text_is_one_short_line_without_anything_hidden(text: str) -> None:
    shown = inert(text)
    assert len(shown) <= 100
    assert shown == shown.strip()
    assert not [
        one for one in shown if unicodedata.category(one)[0] == "C" or unicodedata.category(one) in ("Zl", "Zp")
    ]
    assert inert(shown) == shown


@pytest.mark.parametrize("value", [None, 0, True, [], {}, b"x", object()])
def test_what_is_no_text_shows_nothing(value: Any) -> None:
    assert inert(value) == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Zoë O'Hara-Smith", "Zoë O'Hara-Smith"),
        ("李小龍", "李小龍"),
        ("שרה", "שרה"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.1", "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.1"),
        ("192.0.2.7", "192.0.2.7"),
        ("Ada\n  Lovelace", "Ada Lovelace"),
        ("x" * 101, "x" * 99 + "…"),
        ("acme.io", "acme. io"),
    ],
)
def test_a_name_stays_readable(name: str, shown: str) -> None:
    assert inert(name) == shown


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "https://a b", 'https://a"onclick', "https://a<b", "//a", "data:x", "https://a\n"]
)
def test_a_link_that_is_none_is_refused(link: str) -> None:
    with pytest.raises(ConfigurationError):
        Letters("Example").password_changed(TO, link)


@pytest.mark.parametrize("product", ["", " ", "\u200b", None, 1])
def test_letters_need_the_name_of_the_product(product: Any) -> None:
    with pytest.raises(ConfigurationError):
        Letters(product)


def test_a_host_says_one_thing_in_its_own_words_and_the_rest_in_ours() -> None:
    class Ours(Letters):
        language = "de"

        def verify_email(self, to: str, link: str, lasts: timedelta) -> Letter:
            return self.write(to, "Hallo", Body(("Bitte bestätigen:",), (), "", "Ja", link))

    letters = written(Ours("Example"))
    assert letters["verify_email"].text == f"Bitte bestätigen:\n\nJa:\n{LINK}\n\n-- \nExample\n"
    assert '<html lang="de"' in str(letters["verify_email"].html)
    assert letters["invitation"].subject == "An invitation to Example"


@pytest.mark.parametrize(
    ("lasts", "said"),
    [
        (timedelta(seconds=1), "1 minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=15, seconds=30), "15 minutes"),
        (timedelta(hours=36), "36 hours"),
        (timedelta(days=1), "1 day"),
    ],
)
def test_a_span_is_said_in_words(lasts: timedelta, said: str) -> None:
    assert span(lasts) == said


def test_a_moment_is_said_in_its_zone_whatever_the_locale() -> None:
    assert moment(AT) == "29 March 2026, 12:05 UTC"
    assert moment(AT.replace(tzinfo=None)) == "29 March 2026, 12:05"


def test_a_body_shows_nothing_in_its_repr() -> None:
    assert "271828" not in repr(Body((), code="271828"))
