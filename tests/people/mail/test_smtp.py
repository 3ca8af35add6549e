"""A letter reaches a real mail server as it was written, over a line that is encrypted and checked."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import trustme

from plexe_auth import ConfigurationError, Unavailable
from plexe_auth.errors import Undelivered
from plexe_auth.mail.asynchronous import AsyncSMTPMailer
from plexe_auth.mail.smtp import SMTPMailer
from plexe_auth.model.letter import Letter
from tests.keys.frames import frames, held_by
from tests.people.mail.conftest import Mailers
from tests.people.mail.server import USER, Received, asks_who, certified, listening, trusting

SIGNED_IN = f"{USER}:open%2Fsesame%4042@"
LETTER = Letter(
    "ada@example.com",
    "Grüße an Ada: bestätige deine Adresse für unser wunderschönes Produkt, bitte noch heute",
    ".\n.com\n..\nGrüße\n" + "https://app.example.com/verify#token=" + "x" * 200 + "\n.\n",
    "<p>.\nGrüße &amp; <b>Küsse</b></p>\n",
)
PLAIN = Letter("ada@example.com", "Hello", "Read this.\n")
SCHEMES = {"plain": "smtp", "starttls": "smtp", "tls": "smtps"}


def encrypted(kind: str, authority: trustme.CA) -> dict[str, Any]:
    more = {"encryption": "starttls"} if kind == "starttls" else {}
    return {} if kind == "plain" else {"context": trusting(authority), **more}


@pytest.mark.parametrize("kind", SCHEMES)
def test_a_letter_arrives_as_it_was_written(kind: str, mailers: Mailers, authority: trustme.CA) -> None:
    received = Received()
    with listening(received, certified(authority, "localhost"), kind) as port:
        mailers(f"{SCHEMES[kind]}://localhost:{port}", **encrypted(kind, authority)).send(LETTER)
    message, [envelope] = received.message(), received.envelopes
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert [part.get_content().replace("\r\n", "\n") for part in (text, html)] == [LETTER.text, LETTER.html]
    assert message["Subject"] == LETTER.subject
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@example.com", ["ada@example.com"])
    assert received.encrypted == [kind == "starttls"], "of TLS from the first byte the server's session knows nothing"


def test_its_headers_are_those_of_a_letter_that_a_program_wrote(mailers: Mailers) -> None:
    received = Received()
    with listening(received, None, "plain") as port:
        mailer = mailers(f"smtp://127.0.0.1:{port}", sender="Grüße von Plexe, Inc. <no-reply@example.com>")
        mailer.send(PLAIN)
        mailer.send(LETTER)
    one, other = received.messages()
    assert [address.display_name for address in one["From"].addresses] == ["Grüße von Plexe, Inc."]
    assert [address.addr_spec for address in one["From"].addresses] == ["no-reply@example.com"]
    assert [address.addr_spec for address in one["To"].addresses] == ["ada@example.com"]
    assert abs(parsedate_to_datetime(one["Date"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert one["Message-ID"].endswith("@example.com>")
    assert one["Message-ID"] != other["Message-ID"]
    assert one["Auto-Submitted"] == "auto-generated"
    assert one.get_content_type() == "text/plain"
    assert other.get_content_type() == "multipart/alternative"
    assert received.names == ["example.com"] * 2, "the name of this machine is nobody's business"


def test_what_goes_over_the_line_is_ASCII_in_short_lines(mailers: Mailers) -> None:
    received = Received()
    with listening(received, None, "plain") as port:
        mailers(f"smtp://127.0.0.1:{port}").send(LETTER)
    data = received.envelopes[0].original_content
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert data.replace(b"\r\n", b"").count(b"\n") == data.replace(b"\r\n", b"").count(b"\r") == 0


@pytest.mark.parametrize("kind", ["starttls", "tls"])
def test_who_has_a_password_signs_in(kind: str, mailers: Mailers, authority: trustme.CA) -> None:
    received, more = Received(), {"authenticator": asks_who, "auth_require_tls": False}
    with listening(received, certified(authority, "localhost"), kind, **more) as port:
        mailers(f"{SCHEMES[kind]}://{SIGNED_IN}localhost:{port}", **encrypted(kind, authority)).send(PLAIN)
    assert received.signed_in == [True]


def failed(mailer: Any, letter: Letter = PLAIN) -> Undelivered:
    with pytest.raises(Undelivered) as caught:
        mailer.send(letter)
    assert isinstance(caught.value, Unavailable)
    assert str(caught.value) == caught.value.detail == Unavailable.explanation
    return caught.value


def shows(error: BaseException, *canaries: str) -> list[str]:
    held = [*held_by(error, frames(error)), *getattr(error, "__notes__", ()), str(vars(error))]
    return [text for text in held if any(canary in text for canary in canaries)]


def test_H12_a_password_that_is_refused_shows_nowhere(mailers: Mailers, authority: trustme.CA) -> None:
    received, more = Received(), {"authenticator": asks_who, "auth_require_tls": False}
    with listening(received, certified(authority, "localhost"), "tls", **more) as port:
        error = failed(mailers(f"smtps://{USER}:canary%2Fbird@localhost:{port}", **encrypted("tls", authority)))
    assert (error.reason, error.temporary) == ("the server refused the login (535 5.7.8)", False)
    assert shows(error, "canary", "Y2FuYXJ5", "ada@") == []


@pytest.mark.parametrize(
    ("reply", "reason", "temporary"),
    [
        ("550 5.1.1 <ada@example.com> unknown", "the server refused the recipient (550 5.1.1)", False),
        ("450 ada@example.com is greylisted", "the server refused the recipient (450)", True),
    ],
)
def test_a_recipient_that_is_refused_is_told_without_the_address(
    reply: str, reason: str, temporary: bool, mailers: Mailers
) -> None:
    received = Received()
    received.replies["ada@example.com"] = reply
    with listening(received, None, "plain") as port:
        error = failed(mailers(f"smtp://127.0.0.1:{port}"))
    assert (error.reason, error.temporary) == (reason, temporary)
    assert shows(error, "ada@", "Read this") == []
    assert received.envelopes == []


@pytest.mark.parametrize("kind", ["starttls", "tls"])
def test_a_certificate_of_another_name_or_of_nobody_known_is_refused(
    kind: str, mailers: Mailers, authority: trustme.CA
) -> None:
    received = Received()
    with listening(received, certified(authority, "other.example"), kind) as port:
        wrong_name = failed(mailers(f"{SCHEMES[kind]}://localhost:{port}", **encrypted(kind, authority)))
    with listening(received, certified(trustme.CA(), "localhost"), kind) as port:
        unknown = failed(mailers(f"{SCHEMES[kind]}://localhost:{port}", **encrypted(kind, authority)))
        default = failed(
            mailers(f"{SCHEMES[kind]}://localhost:{port}", **encrypted(kind, authority) | {"context": None})
        )
    reasons = {error.reason for error in (wrong_name, unknown, default)}
    assert reasons == {"the certificate of the server is not good"}
    assert received.envelopes == []


def test_a_server_without_TLS_gets_neither_password_nor_letter(mailers: Mailers, authority: trustme.CA) -> None:
    received = Received()
    with listening(received, None, "plain", auth_require_tls=False, authenticator=asks_who) as port:
        error = failed(mailers(f"smtp://{SIGNED_IN}localhost:{port}", **encrypted("starttls", authority)))
        assert error.reason == "the server lacks what was asked for: STARTTLS, or a way to sign in"
        failed(mailers(f"smtps://{SIGNED_IN}localhost:{port}", **encrypted("tls", authority)))
    assert received.envelopes == []


def test_a_server_that_knows_no_way_to_sign_in_gets_no_letter(mailers: Mailers) -> None:
    received = Received()
    with listening(received, None, "plain", auth_exclude_mechanism=["LOGIN", "PLAIN"]) as port:
        error = failed(mailers(f"smtp://{SIGNED_IN}localhost:{port}"))
    assert error.reason == "the server lacks what was asked for: STARTTLS, or a way to sign in"
    assert received.envelopes == []


def test_nobody_listening_is_an_outage(mailers: Mailers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = failed(mailers(f"smtp://127.0.0.1:{port}"))
    assert (error.reason, error.temporary) == ("the server cannot be reached", True)


CLASSES = [SMTPMailer, AsyncSMTPMailer]
SENDER = "no-reply@example.com"
each_class = pytest.mark.parametrize("kind", CLASSES)


@each_class
@pytest.mark.parametrize(
    ("url", "more", "shown"),
    [
        ("smtps://mail.example.com", {}, "'mail.example.com:465', tls"),
        ("smtp://mail.example.com", {}, "'mail.example.com:587', starttls"),
        ("smtp://mail.example.com/", {"encryption": "starttls"}, "'mail.example.com:587', starttls"),
        ("smtp://relay:1025", {"encryption": "none"}, "'relay:1025', none"),
        ("smtp://localhost", {}, "'localhost:25', none"),
        ("smtp://[::1]", {}, "'::1:25', none"),
        ("smtp://canary:canary@127.0.0.1", {}, "'127.0.0.1:25', none"),
        ("SMTPS://canary:canary@Mail.Example.com:4650", {}, "'mail.example.com:4650', tls"),
    ],
)
def test_a_line_is_encrypted_unless_it_ends_here_or_somebody_says_so(
    kind: type[SMTPMailer], url: str, more: dict[str, Any], shown: str
) -> None:
    mailer = kind(url, sender=SENDER, **more)
    assert repr(mailer) == f"{kind.__name__}({shown}, sender='no-reply@example.com')"
    assert "canary" not in repr(vars(mailer))


@each_class
@pytest.mark.parametrize(
    ("url", "more"),
    [
        ("smtp://user:canary@relay:1025", {"encryption": "none"}),
        ("smtps://user:canary@relay", {"encryption": "starttls"}),
        ("smtps://user:canary@relay", {"encryption": "none"}),
        ("smtp://relay", {"encryption": "tls"}),
        ("smtp://relay", {"encryption": True}),
        ("smtps://user@relay", {}),
        ("smtps://:canary@relay", {}),
        ("smtps://user:canary%0d%0aRCPT@relay", {}),
        ("smtps://user:canary%ff@relay", {}),
        ("smtps://user:canäry@relay", {}),
        ("http://user:canary@relay", {}),
        ("relay", {}),
        ("smtps://", {}),
        ("smtps://user:canary@", {}),
        ("smtps://user:canary@relay:x", {}),
        ("smtps://user:canary@relay:0", {}),
        ("smtps://user:canary@relay:70000", {}),
        ("smtps://user:canary@relay/path", {}),
        ("smtps://user:canary@relay?x=canary", {}),
        ("smtps://user:canary@relay#canary", {}),
        ("smtps://user:canary@re lay", {}),
        ("smtps://user:canary@relay\n", {}),
        ("smtps://user:canary@[::1", {}),
        ("", {}),
        (None, {}),
        (1, {}),
        (b"smtps://relay", {}),
        ("smtps://relay", {"sender": "Ada <ada@example.com>, eve@example.com"}),
        ("smtps://relay", {"sender": "ada@example.com\r\nBcc: eve@example.com"}),
        ("smtps://relay", {"sender": "Ada\r\n <ada@example.com>"}),
        ("smtps://relay", {"sender": "A\u2028da <ada@example.com>"}),
        ("smtps://relay", {"sender": "Ada"}),
        ("smtps://relay", {"sender": ""}),
        ("smtps://relay", {"sender": None}),
        ("smtps://relay", {"timeout": timedelta(0)}),
        ("smtps://relay", {"timeout": 30}),
        ("smtps://relay", {"context": True}),
        ("smtps://relay", {"context": ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)}),
        ("smtps://relay", {"context": ssl._create_unverified_context()}),
    ],
)
def test_H12_a_mailer_that_is_set_up_wrongly_says_so_at_once_and_shows_no_password(
    kind: Any, url: Any, more: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        kind(url, **{"sender": SENDER} | more)
    assert shows(caught.value, "canary", "canäry") == []


def test_without_aiosmtplib_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "aiosmtplib", None)
    with pytest.raises(ConfigurationError, match=r"plexe-auth\[mail\]"):
        AsyncSMTPMailer("smtps://relay", sender=SENDER)
