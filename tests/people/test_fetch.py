"""One exchange takes a bounded time and size, follows nobody, believes TLS alone, and reaches only where it may."""

import gzip
import logging
import socket
import ssl
import time
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import trustme

from plexe_auth.bridge import finish
from plexe_auth.errors import ConfigurationError, Unavailable
from plexe_auth.fetch.asynchronous import AwaitedFetch
from plexe_auth.fetch.blocking import BlockingFetch
from plexe_auth.fetch.opening import open_fetch
from plexe_auth.fetch.port import SettledFetch, asynchronous_fetch
from plexe_auth.fetch.reach import Reach
from plexe_auth.model.exchange import Answer, Question
from plexe_auth.secret import Secret
from tests.faces import Loop
from tests.people.framed import framed
from tests.people.raw_server import serving

LOCAL = Reach(("127.0.0.0/8", "::1"))
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def certified(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture
def ask(face: str, loop: Loop) -> Ask:
    """Asks in either colour."""

    def asking(question: Question | str, reach: Reach | None = LOCAL, **how: Any) -> Answer:
        asked = Question("GET", question) if isinstance(question, str) else question
        if face == "blocking":
            return BlockingFetch(reach, **how)(asked)
        return loop.run(AwaitedFetch(reach, **how)(asked))

    return asking


def said(body: bytes = b"{}", *fields: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"content-length: %d" % len(body), *fields]
    return b"\r\n".join([*lines, b"", body])


def refused(ask: Ask, question: Question | str, **how: Any) -> Unavailable:
    with pytest.raises(Unavailable, match="does not answer") as caught:
        ask(question, **how)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


def test_an_answer_is_status_fields_and_body(ask: Ask) -> None:
    with serving(said(b'{"a":1}', b"Content-Type: application/json", b"X-More: y", status=b"418 Teapot")) as server:
        answer = ask(server.url("/path?q=1"))
    assert (answer.status, answer.body, answer.media_type()) == (418, b'{"a":1}', "application/json")
    assert ("x-more", "y") in answer.headers
    assert server.received[0].startswith(b"GET /path?q=1 HTTP/1.1\r\n")


def test_a_form_is_sent_with_its_type_and_length(ask: Ask) -> None:
    with serving(said()) as server:
        asked = Question("POST", server.url("/token"), (("authorization", Secret("Basic c4nary")),), Secret("a=b&c=d"))
        assert ask(asked).status == 200
    head, _gap, body = server.received[0].lower().partition(b"\r\n\r\n")
    assert body == b"a=b&c=d"
    assert b"\r\ncontent-type: application/x-www-form-urlencoded\r\n" in head + b"\r\n"
    assert b"\r\nauthorization: basic c4nary" in head


def test_nothing_that_is_compressed_is_asked_for_or_taken(ask: Ask) -> None:
    bomb = gzip.compress(bytes(10_000_000))
    with serving(said(bomb, b"content-encoding: gzip")) as server:
        refused(ask, server.url())
    assert b"accept-encoding: identity" in server.received[0].lower()


@pytest.mark.parametrize("status", [b"301 Moved", b"302 Found", b"303 See Other", b"307 Temporary", b"308 Permanent"])
def test_O11_no_redirect_is_followed(ask: Ask, status: bytes) -> None:
    with serving(said()) as target, serving(said(b"", b"location: " + target.url().encode(), status=status)) as server:
        assert ask(server.url()).status == int(status[:3])
    assert target.received == []


def test_no_cookie_is_kept(ask: Ask) -> None:
    with serving(said(b"", b"set-cookie: a=b")) as server:
        ask(server.url())
        ask(server.url())
    assert len(server.received) == 2
    assert b"cookie" not in server.received[1].lower()


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"])
def test_no_proxy_is_taken_from_the_environment(ask: Ask, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with serving(said()) as proxy, serving(said(b"direct")) as server:
        monkeypatch.setenv(name, proxy.url())
        assert ask(server.url()).body == b"direct"
    assert proxy.received == []


# Time.


def test_O15_a_server_that_says_nothing_is_given_up(ask: Ask) -> None:
    with serving(lambda _stream: waiting()) as server:

        def waiting() -> None:
            server.ended.wait(20)

        took(lambda: refused(ask, server.url(), seconds=0.3))


def took(act: Callable[[], object]) -> None:
    """Hold that a span of 0.3 seconds is the whole; far less than what each of many steps alone could take."""
    began = time.monotonic()
    act()
    assert 0.25 < time.monotonic() - began < 3


@pytest.mark.parametrize(
    "start",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n"],
    ids=["line", "fields", "body"],
)
def test_O15_a_server_that_says_a_byte_at_a_time_is_given_up(ask: Ask, start: bytes) -> None:
    def drip(stream: socket.socket) -> None:
        stream.sendall(start)
        for byte in b"HTTP/1.1 200 OK\r\nx-a: " + b"a" * 300:
            stream.sendall(bytes([byte]))
            if server.ended.wait(0.02):
                return

    with serving(drip) as server:
        took(lambda: refused(ask, server.url(), seconds=0.3))


def test_O15_a_server_that_never_ends_TLS_is_given_up_and_its_connection_closed(ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        took(lambda: refused(ask, f"https://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.3))
        connection, _address = silent.accept()
        with connection:
            connection.settimeout(5)
            while connection.recv(65_536):
                pass  # what was said before; then the end, or a test that fails in time


def test_O15_a_name_that_never_resolves_is_given_up(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event

    let_go = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [let_go.wait(20)])
    try:
        took(lambda: refused(ask, "https://slow.example/", seconds=0.3))
    finally:
        let_go.set()


# Size and form.


@pytest.mark.parametrize("chunked", [False, True])
def test_O15_an_answer_without_end_is_given_up(ask: Ask, chunked: bool) -> None:
    piece = b"x" * 65_536

    def flood(stream: socket.socket) -> None:
        stream.sendall(b"HTTP/1.1 200 OK\r\n" + (b"transfer-encoding: chunked\r\n\r\n" if chunked else b"\r\n"))
        while not server.ended.is_set():
            stream.sendall(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)

    with serving(flood) as server:
        refused(ask, server.url(), seconds=20)


def test_an_answer_may_be_as_long_as_is_read_and_no_byte_longer(ask: Ask) -> None:
    with serving(said(b"x" * 1000)) as server:
        assert len(ask(server.url(), longest=1000).body) == 1000
        refused(ask, server.url(), longest=999)


MALFORMED = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.6\r\n",
    "a length that is too great": b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{}",
    "a length that is none": b"HTTP/1.1 200 OK\r\ncontent-length: ten\r\n\r\n{}",
    "a negative length": b"HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}x",
    "a chunk cut": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{}",
    "a chunk that is none": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}",
    "fields without end": b"HTTP/1.1 200 OK\r\n" + b"x-a: " + b"a" * 300_000,
    "cut within the fields": b"HTTP/1.1 200 OK\r\ncontent-ty",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_O15_an_answer_that_is_malformed_is_none(ask: Ask, name: str) -> None:
    with serving(MALFORMED[name]) as server:
        refused(ask, server.url())


def test_what_comes_after_the_stated_length_does_not_count(ask: Ask) -> None:
    with serving(said(b"{}") + b"HTTP/1.1 200 OK\r\n\r\nsmuggled") as server:
        assert ask(server.url()).body == b"{}"


# TLS.


def test_a_server_is_believed_by_its_certificate(ask: Ask, authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    with serving(said(b"by name"), certified(authority, "localhost")) as server:
        assert ask(server.url(host="localhost"), context=trusting).body == b"by name"
    with serving(said(b"by address"), certified(authority, "127.0.0.1")) as server:
        assert ask(server.url(), context=trusting).body == b"by address"


def test_O11_a_certificate_for_another_name_is_not_believed(
    ask: Ask, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    with serving(said(), certified(authority, "evil.example")) as server:
        refused(ask, server.url(host="localhost"), context=trusting)
    assert server.received == []


def test_O11_a_certificate_by_nobody_we_trust_is_not_believed(ask: Ask, authority: trustme.CA) -> None:
    with serving(said(), certified(authority, "localhost")) as server:
        refused(ask, server.url(host="localhost"))
    assert server.received == []


def test_O11_TLS_before_1_2_is_not_spoken(ask: Ask, authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    old = certified(authority, "localhost")
    with warnings.catch_warnings(action="ignore"):  # it is deprecated, and that is the point
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with serving(said(), old) as server:
        refused(ask, server.url(host="localhost"), context=trusting)


# Reach.


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_O11_nothing_inside_is_reached_by_default(ask: Ask, host: str) -> None:
    with serving(said()) as server:
        refused(ask, server.url(host=host), reach=None)
    assert server.received == []


ANSWERS: dict[str, list[str]] = {
    "loopback": ["127.0.0.1"],
    "loopback in IPv6": ["::1"],
    "loopback mapped": ["::ffff:127.0.0.1"],
    "public and loopback": ["8.8.8.8", "127.0.0.1"],
    "loopback and public": ["127.0.0.1", "8.8.8.8"],
    "metadata": ["169.254.169.254"],
    "metadata mapped": ["::ffff:169.254.169.254"],
    "no address": [],
    "no address but a text": ["evil"],
}


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have the system's resolver give these answers, one after the other, the last for ever."""
    asked: list[str] = []

    def getaddrinfo(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        asked.append(name)
        found = [name] if name.replace(".", "").isdigit() else answers[min(len(asked), len(answers)) - 1]
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize("name", ANSWERS)
def test_O11_a_name_that_leads_inside_is_not_connected_to(ask: Ask, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    connected: list[Any] = []
    with serving(said()) as server:
        resolving(monkeypatch, ANSWERS[name])
        real = socket.socket.connect
        monkeypatch.setattr(socket.socket, "connect", lambda self, where: connected.append(where) or real(self, where))
        refused(ask, server.url(host="localhost"), reach=None)
        refused(ask, server.url(host="localhost").replace("http:", "https:"), reach=None)
        refused(ask, f"https://tenant.example:{server.port}/", reach=None)
    assert connected == []
    assert server.received == []


def test_O11_a_name_that_changes_between_check_and_use_changes_nothing(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, trusting: ssl.SSLContext
) -> None:
    """The name resolves once, and what was checked is connected to: 127.0.0.2 would have answered otherwise."""
    with serving(said(b"checked"), certified(authority, "tenant.example")) as server:
        asked = resolving(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
        reach = Reach(("127.0.0.1",))
        assert ask(f"https://tenant.example:{server.port}/", reach=reach, context=trusting).body == b"checked"
        assert asked.count("tenant.example") == 1
        refused(ask, f"https://tenant.example:{server.port}/", reach=reach, context=trusting)


def test_O11_plain_http_never_leaves_the_machine_though_localhost_may_mean_another(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, ["8.8.8.8"])
    refused(ask, "http://localhost:1/", seconds=5)


def test_the_next_address_is_tried_where_one_does_not_answer(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(said(b"second")) as server:
        resolving(monkeypatch, ["127.0.0.2", "127.0.0.1"])
        assert ask(server.url(host="localhost")).body == b"second"


def test_O15_a_name_that_nobody_knows_is_given_up(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "c4nary.example is not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "c4nary" not in str(refused(ask, "https://c4nary.example/").problem())


def test_O15_nobody_listens(ask: Ask) -> None:
    with serving(said()) as server:
        pass
    refused(ask, server.url())


@pytest.mark.parametrize("url", ["http://u:p@127.0.0.1:{}/", "http://127.0.0.1:{}/#x", "http://127.0.0.1:{}/a b",
    "http://tenant.example:{}/", "HTTP://127.0.0.1:{}/", "file:///etc/passwd", ""])  # fmt: skip
def test_O11_what_is_no_endpoint_is_never_asked(ask: Ask, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with serving(said()) as server:
        resolving(monkeypatch, ["127.0.0.1"])
        refused(ask, url.format(server.port))
    assert server.received == []


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\0", "é", "\ud800"])
def test_a_field_that_could_be_two_is_never_sent(ask: Ask, value: str) -> None:
    with serving(said()) as server:
        refused(ask, Question("GET", server.url(), (("accept", value),)))
        refused(ask, Question("GET", server.url(), (("authorization", Secret(value)),)))
    assert server.received == []


# What is told.


def test_O14_a_failure_tells_nothing_of_what_was_asked(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), serving(b"c4nary") as server:
        fields = (("authorization", Secret("Basic c4nary")),)
        error = refused(ask, Question("POST", server.url("/c4nary?c4nary"), fields, Secret("code=c4nary")))
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("plexe_auth")]
    assert ours == ["no answer from 127.0.0.1 (RemoteProtocolError)"]
    assert "c4nary" not in f"{error!r} {error.problem()}"
    assert "Basic" not in framed(error)


# The port.


def test_the_fetch_that_is_opened_has_the_colour_that_was_asked_for(loop: Loop) -> None:
    with serving(said(b"here")) as server:
        question = Question("GET", server.url())
        assert finish(open_fetch(is_async=False, reach=LOCAL)(question)).body == b"here"
        assert loop.run(open_fetch(is_async=True, reach=LOCAL)(question)).body == b"here"


async def awaited(_question: Question) -> Answer:
    return Answer(200)


def plain(_question: Question) -> Answer:
    return Answer(200)


def test_a_fetch_of_the_other_colour_is_refused_when_it_is_built() -> None:
    for wrong in (awaited, AwaitedFetch()):
        with pytest.raises(ConfigurationError, match="asynchronous fetch was given to Auth"):
            SettledFetch(wrong)  # type: ignore[arg-type]
    for wrong in (plain, BlockingFetch()):
        with pytest.raises(ConfigurationError, match="blocking fetch was given to AsyncAuth"):
            asynchronous_fetch(wrong)  # type: ignore[arg-type]
    for wrong in (None, 7, "fetch"):
        with pytest.raises(ConfigurationError, match="called with a Question"):
            SettledFetch(wrong)  # type: ignore[arg-type]
    assert asynchronous_fetch(awaited) is awaited
    assert finish(SettledFetch(plain)(Question("GET", "https://id.example"))).status == 200


def test_a_fetch_that_returns_something_to_await_is_refused_at_its_answer() -> None:
    def disguised(question: Question) -> Any:
        return awaited(question)

    async def use() -> int:
        return (await SettledFetch(disguised)(Question("GET", "https://id.example"))).status

    with pytest.raises(ConfigurationError, match="returned something to await"):
        finish(use())


@pytest.mark.parametrize("inside", ["10.0.0.0/8", ("10.0.0.1/8",), ("tenant.example",), (7,), 7, ("10.0.0.0/8",) * 200])
def test_a_network_that_is_none_is_refused_when_it_is_named(inside: Any) -> None:
    with pytest.raises(ConfigurationError):
        Reach(inside)


@pytest.mark.parametrize("is_async", [False, True])
def test_O15_without_its_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, is_async: bool) -> None:
    import sys

    for name in [
        name
        for name in sys.modules
        if name.startswith(("httpcore2", "plexe_auth.fetch.blocking", "plexe_auth.fetch.asynchronous"))
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "httpcore2", None)
    with pytest.raises(ConfigurationError, match=r"plexe-auth\[oauth\]"):
        open_fetch(is_async=is_async)
