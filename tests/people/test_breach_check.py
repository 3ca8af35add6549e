"""A new password that is known from a breach is refused; who is asked learns five characters, and can stop nobody."""

import logging
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from plexe_auth import Auth, ConfigurationError, InvalidRequest, Settings
from plexe_auth.breaches import SECONDS
from plexe_auth.fetch.opening import open_fetch
from plexe_auth.fetch.reach import Reach
from plexe_auth.hashing.hasher import Hasher
from plexe_auth.model.breach import range_of
from plexe_auth.model.exchange import Answer, Question
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.people.conftest import HOME, PASSWORD
from tests.people.framed import framed
from tests.people.raw_server import RawServer, serving

KNOWN = "c4nary of a well-known breach"
OTHER = "a word that nobody has told of"
PADDED = "0" * 35 + ":0"
LOCAL = Reach(("127.0.0.0/8",))


def suffix(password: str) -> str:
    return range_of(password)[1].reveal()


def said(body: bytes, status: bytes = b"200 OK", *fields: bytes) -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"content-length: %d" % len(body), *fields, b"", body])


def lines(*suffixes: str) -> bytes:
    return "\r\n".join([PADDED, *(f"{one}:7" for one in suffixes)]).encode()


class Service:
    """A service of the kind of Pwned Passwords, behind a real socket; `says` is what it answers, or does."""

    def __init__(self) -> None:
        self.says: bytes | Callable[[socket.socket], object] = said(lines(suffix(KNOWN)))
        self.server: RawServer

    def talk(self, stream: socket.socket) -> None:
        if isinstance(self.says, bytes):
            stream.sendall(self.says)
        else:
            self.says(stream)


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    with serving(made.talk) as made.server:
        yield made


@pytest.fixture
def store_url() -> str:
    return "memory://"


@pytest.fixture
def auth(
    face: str,
    store_url: str,
    opened: Callable[..., Any],
    clock: Clock,
    settings: Settings,
    mailbox: Mailbox,
    service: Service,
) -> Any:
    settings = replace(settings, breach_check=service.server.url("/"))
    fetch = open_fetch(is_async=face == "async", reach=LOCAL, seconds=1)
    return opened(face, store_url, clock=clock, settings=settings, mailer=mailbox, fetch=fetch)


Act = Callable[[Any, Any, Mailbox, str], Any]


def reset(auth: Any, ada: Any, mailbox: Mailbox, password: str) -> Any:
    auth.users.request_reset(ada.email)
    return auth.users.reset(mailbox.token(), password)


ACTS: dict[str, Act] = {
    "create": lambda auth, _ada, _mailbox, password: auth.users.create("eve@example.com", password),
    "register": lambda auth, _ada, _mailbox, password: auth.users.register("eve@example.com", password),
    "change_password": lambda auth, ada, _mailbox, password: auth.users.change_password(ada.id, PASSWORD, password),
    "reset": reset,
}
each_act = pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)


@each_act
def test_L07_a_password_from_a_breach_is_refused_before_it_is_hashed(
    auth: Any, ada: Any, mailbox: Mailbox, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[object] = []
    real = Hasher.hash
    monkeypatch.setattr(Hasher, "hash", lambda self, password: hashed.append(password) or real(self, password))
    with pytest.raises(InvalidRequest) as refused:
        act(auth, ada, mailbox, KNOWN)
    assert (refused.value.field, hashed) == ("password", [])
    act(auth, ada, mailbox, OTHER)
    assert hashed == [OTHER]


@each_act
def test_five_characters_are_told_and_no_frame_holds_more(
    auth: Any, ada: Any, mailbox: Mailbox, service: Service, act: Act
) -> None:
    service.server.received.clear()
    with pytest.raises(InvalidRequest) as refused:
        act(auth, ada, mailbox, KNOWN)
    (asked,) = service.server.received
    prefix, rest = range_of(KNOWN)
    assert asked.startswith(f"GET /range/{prefix} HTTP/1.1\r\n".encode())
    assert b"add-padding: true" in asked.lower()
    told = f"{asked!r} {refused.value.problem()} {framed(refused.value)}"
    assert not any(secret in told for secret in (KNOWN, "c4nary", rest.reveal()))


@each_act
def test_what_ends_it_on_the_way_holds_no_more_either(
    auth: Any, ada: Any, mailbox: Mailbox, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(_question: Question) -> Answer:
        raise ConfigurationError("of the wrong colour")

    monkeypatch.setattr(auth.world.breaches, "_fetch", breaks)
    with pytest.raises(ConfigurationError) as broken:
        act(auth, ada, mailbox, KNOWN)
    held = framed(broken.value)
    assert range_of(KNOWN)[0] in held
    assert not any(secret in held for secret in (KNOWN, "c4nary", suffix(KNOWN)))


@pytest.fixture
def elsewhere() -> Iterator[RawServer]:
    with serving(said(lines(suffix(KNOWN)))) as server:
        yield server


FAILING: dict[str, bytes] = {
    "an error of its own": said(lines(suffix(KNOWN)), b"500 Internal Server Error"),
    "too busy": said(b"", b"429 Too Many Requests", b"retry-after: 3600"),
    "nothing there": said(b"", b"404 Not Found"),
    "nothing": said(b""),
    "a page": said(b"<html>" + lines(suffix(KNOWN)).replace(b"\r\n", b"<br>") + b"</html>"),
    "no text": said(bytes(range(256)) * 40),
    "far too much": said(lines(suffix(KNOWN)) + b"\r\n" + b"0" * 2_000_000),
    "compressed": said(lines(suffix(KNOWN)), b"200 OK", b"content-encoding: gzip"),
    "no HTTP": b"220 mail.example.com ESMTP\r\n",
    "half of it": said(lines(suffix(KNOWN)))[:-40],
    "silence": b"",
}


@pytest.mark.parametrize("says", FAILING.values(), ids=FAILING)
def test_who_cannot_tell_stops_nobody_and_the_log_says_so(
    auth: Any, service: Service, says: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    service.says = says
    assert auth.users.create("ada@example.com", KNOWN).has_password
    (warning,) = (one for one in caplog.records if one.name == "plexe_auth")
    assert warning.levelno == logging.WARNING
    assert "127.0.0.1 did not tell" in warning.getMessage()
    assert not any(secret in caplog.text for secret in (KNOWN, "c4nary", suffix(KNOWN), range_of(KNOWN)[0]))
    with pytest.raises(InvalidRequest):
        auth.users.create("eve@example.com", "passwordpassword")


def test_nobody_is_sent_on_to_somebody_else(auth: Any, service: Service, elsewhere: RawServer) -> None:
    service.says = said(b"", b"302 Found", b"location: " + elsewhere.url().encode())
    assert auth.users.create("ada@example.com", KNOWN)
    assert elsewhere.received == []


def test_nobody_waits_longer_than_three_seconds(
    auth: Any, service: Service, face: str, opened: Callable[..., Any]
) -> None:
    service.says = lambda _stream: service.server.ended.wait(20)
    assert auth.users.create("ada@example.com", KNOWN)  # this fetch gives it one second
    own = opened(face, "memory://", settings=Settings(breach_check="https://api.pwnedpasswords.com"))
    fetch = own.world.breaches._fetch
    assert getattr(fetch, "_fetch", fetch)._seconds == SECONDS == 3


def test_L02_registering_asks_the_same_whether_somebody_is_known_or_not(auth: Any, ada: Any, service: Service) -> None:
    service.server.received.clear()
    for email in (ada.email, "eve@example.com"):
        auth.users.register(email, OTHER)
        with pytest.raises(InvalidRequest):
            auth.users.register(email, KNOWN)
    asked = [request.split(b" ")[1] for request in service.server.received]
    assert asked == [f"/range/{range_of(one)[0]}".encode() for one in (OTHER, KNOWN)] * 2


def test_a_short_or_common_password_and_one_that_is_typed_to_sign_in_are_told_nobody(
    auth: Any, ada: Any, service: Service
) -> None:
    service.server.received.clear()
    for bad in ("short", "passwordpassword", None, "x" * 2000):
        with pytest.raises(InvalidRequest):
            auth.users.register("eve@example.com", bad)
    auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    assert service.server.received == []


def test_nobody_is_asked_unless_somebody_is_named() -> None:
    asked: list[Question] = []

    def fetch(question: Question) -> Answer:
        asked.append(question)
        return Answer(200, (), lines(suffix(KNOWN)))

    with Auth.open("memory://", settings=Settings(hash_cost="insecure_tests"), fetch=fetch) as auth:
        auth.users.create("ada@example.com", KNOWN)
    assert asked == []


def test_a_fetch_of_the_wrong_colour_is_refused_when_it_is_opened() -> None:
    async def fetch(_question: Question) -> Answer:
        return Answer(200)

    settings = Settings(breach_check="https://api.pwnedpasswords.com")
    with pytest.raises(ConfigurationError, match="asynchronous"):
        Auth.open("memory://", settings=settings, fetch=fetch)
