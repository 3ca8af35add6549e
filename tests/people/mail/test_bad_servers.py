"""A server that is slow, silent, broken or lying gets so much time and no more, and never makes a letter go twice."""

import asyncio
import gc
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import trustme

from plexe_auth.errors import Undelivered
from plexe_auth.mail.asynchronous import AsyncSMTPMailer
from plexe_auth.model.letter import Letter
from tests.people.mail.conftest import Mailers
from tests.people.mail.server import Wire, certified, played, trusting

LETTER = Letter("ada@example.com", "Hello", "Hello.\n.\n")
SOON = timedelta(seconds=0.3)
MUCH = 3.0  # seconds that none of them may take


def silent(wire: Wire) -> None:
    wire.wait()


def silent_after_the_greeting(wire: Wire) -> None:
    wire.say("220 here")
    wire.wait()


def silent_about_the_letter(wire: Wire) -> None:
    wire.greet()
    for reply in ("250 OK", "250 OK", "354 go on"):
        wire.hear()
        wire.say(reply)
    wire.wait()


def slow_at_every_step(wire: Wire) -> None:
    for reply in ("220 here", "250 HELP", "250 OK", "250 OK", "354 go on"):
        wire.is_over.wait(0.1)
        wire.say(reply)
        wire.hear()
    list(iter(wire.hear, b".\r\n"))
    wire.say("250 taken")
    wire.wait()


def dripping(wire: Wire) -> None:
    while not wire.is_over.wait(0.02):
        wire.line.sendall(b"2")


def never_ending(wire: Wire) -> None:
    while not wire.is_over.wait(0.01):
        wire.say("220-still here")


def full_of_words(wire: Wire) -> None:
    while not wire.is_over.is_set():
        wire.say("220-" + "x" * 4000)


def one_endless_line(wire: Wire) -> None:
    while not wire.is_over.is_set():
        wire.line.sendall(b"2" * 4096)


def deaf(wire: Wire) -> None:
    wire.greet("SIZE 100000000")
    for reply in ("250 OK", "250 OK", "354 go on"):
        wire.hear()
        wire.say(reply)
    wire.wait()


def gone_at_once(_wire: Wire) -> None:
    pass


def gone_in_the_middle(wire: Wire) -> None:
    wire.greet()
    wire.hear()


def gone_with_the_letter(wire: Wire) -> None:
    wire.greet()
    wire.take()


def no_mail_server(wire: Wire) -> None:
    wire.say("HTTP/1.1 400 Bad Request")
    wire.wait()


def binary(wire: Wire) -> None:
    wire.line.sendall(b"\x16\x03\x01\0\xff\xfe\n")
    wire.wait()


def closed(wire: Wire) -> None:
    wire.say("421 4.3.2 ada@example.com come back later")


def closed_for_good(wire: Wire) -> None:
    wire.say("554 5.7.1 no")


def refuses_hello(wire: Wire) -> None:
    wire.say("220 here")
    while wire.hear():
        wire.say("502 what?")


def refuses_the_sender(wire: Wire) -> None:
    wire.greet()
    while wire.hear():
        wire.say("451 4.7.1 later")


def refuses_the_letter(wire: Wire) -> None:
    wire.greet()
    wire.take()
    wire.say("552 5.3.4 too big for ada@example.com")
    wire.wait()


def says_yes_to_everything_in_other_words(wire: Wire) -> None:
    wire.greet()
    while wire.hear():
        wire.say("299 sure")


SLOW = "the server took too long"
LIES = "the server does not keep to SMTP"
GONE = "the server broke off"
SERVERS: list[tuple[Callable[[Wire], None], set[str], bool]] = [
    (silent, {SLOW}, True),
    (silent_after_the_greeting, {SLOW}, True),
    (silent_about_the_letter, {SLOW}, True),
    (slow_at_every_step, {SLOW}, True),
    (dripping, {SLOW}, True),
    (never_ending, {SLOW, LIES}, True),
    (full_of_words, {LIES}, True),
    (one_endless_line, {LIES, "the server refused the connection (500)"}, True),
    (deaf, {SLOW}, True),
    (gone_at_once, {GONE}, True),
    (gone_in_the_middle, {GONE}, True),
    (gone_with_the_letter, {GONE}, True),
    (no_mail_server, {LIES}, True),
    (binary, {LIES}, True),
    (closed, {"the server refused the connection (421 4.3.2)"}, True),
    (closed_for_good, {"the server refused the connection (554 5.7.1)"}, False),
    (refuses_hello, {"the server refused the command (502)"}, False),
    (refuses_the_sender, {"the server refused the sender (451 4.7.1)"}, True),
    (refuses_the_letter, {"the server refused the letter (552 5.3.4)"}, False),
    (says_yes_to_everything_in_other_words, {LIES}, True),
]


def failed(mailer: Any, letter: Letter) -> Undelivered:
    began = time.monotonic()
    with pytest.raises(Undelivered) as caught:
        mailer.send(letter)
    assert time.monotonic() - began < MUCH
    assert "ada@" not in f"{caught.value.__notes__} {vars(caught.value)}"
    return caught.value


@pytest.mark.parametrize(("part", "reasons", "temporary"), SERVERS, ids=[one[0].__name__ for one in SERVERS])
def test_a_server_that_behaves_badly_gets_so_much_time_and_no_more(
    part: Callable[[Wire], None], reasons: set[str], temporary: bool, mailers: Mailers
) -> None:
    letter = Letter("ada@example.com", "Long", "x" * 100_000, "y" * 100_000) if part is deaf else LETTER
    with played(part) as port:
        error = failed(mailers(f"smtp://127.0.0.1:{port}", timeout=SOON), letter)
    assert error.reason in reasons
    assert error.temporary is temporary


@pytest.mark.parametrize("part", [silent, gone_at_once, no_mail_server, dripping], ids=lambda part: part.__name__)
def test_no_encryption_with_a_server_that_behaves_badly(
    part: Callable[[Wire], None], mailers: Mailers, authority: trustme.CA
) -> None:
    with played(part) as port:
        failed(mailers(f"smtps://localhost:{port}", timeout=SOON, context=trusting(authority)), LETTER)


def test_what_was_said_before_the_encryption_is_forgotten(mailers: Mailers, authority: trustme.CA) -> None:
    context, heard = certified(authority, "localhost"), []

    def injecting(wire: Wire) -> None:
        wire.greet("STARTTLS")
        wire.hear()
        wire.line.sendall(b"220 go on\r\n250-AUTH PLAIN LOGIN\r\n250 injected\r\n")
        with context.wrap_socket(wire.line, server_side=True) as encrypted:
            encrypted.settimeout(5)
            heard.append(encrypted.recv(4096))
            encrypted.sendall(b"250 HELP\r\n")
            heard.append(encrypted.recv(4096))

    with played(injecting) as port:
        mailer = mailers(
            f"smtp://user:canary@localhost:{port}", encryption="starttls", context=trusting(authority), timeout=SOON * 5
        )
        error = failed(mailer, LETTER)
    assert error.reason == "the server lacks what was asked for: STARTTLS, or a way to sign in"
    assert b"AUTH" not in b"".join(heard)


def test_a_server_that_offers_encryption_and_then_refuses_gets_nothing(mailers: Mailers, authority: trustme.CA) -> None:
    heard = []

    def refusing(wire: Wire) -> None:
        wire.greet("STARTTLS")
        wire.hear()
        wire.say("454 4.3.3 TLS not available")
        heard.extend(iter(wire.hear, b""))

    with played(refusing) as port:
        mailer = mailers(
            f"smtp://user:canary@localhost:{port}", encryption="starttls", context=trusting(authority), timeout=SOON
        )
        error = failed(mailer, LETTER)
    assert error.reason == "the server refused the command (454 4.3.3)"
    assert heard in ([], [b"QUIT\r\n"])


def test_a_line_that_was_cut_leaves_nothing_open(authority: trustme.CA) -> None:
    context = certified(authority, "localhost")

    def stubborn(wire: Wire) -> None:
        with context.wrap_socket(wire.line, server_side=True, suppress_ragged_eofs=True) as encrypted:
            encrypted.sendall(b"220 here\r\n")
            wire.wait()

    with played(stubborn) as port:
        mailer = AsyncSMTPMailer(
            f"smtps://localhost:{port}", sender="a@example.com", context=trusting(authority), timeout=SOON
        )
        with pytest.raises(Undelivered):
            asyncio.run(mailer.send(LETTER))
        gc.collect()  # an open socket would warn now, and warnings are errors


@pytest.mark.parametrize("farewell", ["500 no", "nonsense", None])
def test_a_letter_that_was_taken_is_sent_whatever_the_server_says_then(farewell: str | None, mailers: Mailers) -> None:
    taken = []

    def sulking(wire: Wire) -> None:
        wire.greet()
        taken.append(wire.take())
        wire.say("250 taken")
        wire.hear()
        if farewell is None:
            wire.wait()
        else:
            wire.say(farewell)

    with played(sulking) as port:
        mailers(f"smtp://127.0.0.1:{port}", timeout=SOON).send(LETTER)
    [data] = taken
    assert data.endswith(b"\r\nHello.\r\n..\r\n")
