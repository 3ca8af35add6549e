"""Mail servers to send to: a real one, and ones that do whatever a test tells them to, byte by byte."""

import contextlib
import email
import email.policy
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = "postmaster", "open/sesame@42"


class Received:
    """What a server was given: the envelopes, and the messages as they were read."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []
        self.encrypted: list[bool] = []
        self.names: list[str] = []
        self.signed_in: list[bool] = []
        self.replies: dict[str, str] = {}

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        reply = self.replies.get(address, "250 OK")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        self.names.append(session.host_name)
        self.signed_in.append(session.authenticated)
        return "250 OK"

    def messages(self) -> list[EmailMessage]:
        return [email.message_from_bytes(one.content, policy=email.policy.default) for one in self.envelopes]

    def message(self) -> EmailMessage:
        [message] = self.messages()
        return message


class Listening(Controller):
    """A real server, which tells on which port it listens: the library's own cannot say where port 0 led."""

    def _create_server(self) -> Any:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        return self.loop.create_server(self._factory_invoker, sock=self.listener, ssl=self.ssl_context)


@contextmanager
def listening(received: Received, certificate: ssl.SSLContext | None, kind: str, **more: Any) -> Iterator[int]:
    """Have a real server listen, and give its port."""
    more |= {"starttls": {"tls_context": certificate, "require_starttls": True}}.get(kind, {})
    server = Listening(received, hostname="127.0.0.1", ssl_context=certificate if kind == "tls" else None, **more)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def asks_who(_server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    """Let in who knows the one password."""
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


class Wire:
    """One end of a line, for a server that a test plays itself."""

    def __init__(self, line: socket.socket, is_over: threading.Event) -> None:
        self.line = line
        self.is_over = is_over
        self.read = line.makefile("rb")

    def say(self, text: str) -> None:
        self.line.sendall(text.encode() + b"\r\n")

    def hear(self) -> bytes:
        return self.read.readline()

    def greet(self, *offers: str) -> None:
        self.say("220 here")
        self.hear()
        self.say("250-here")
        for offer in offers:
            self.say(f"250-{offer}")
        self.say("250 HELP")

    def take(self) -> bytes:
        """Take a letter up to the line that ends it, and return it."""
        for reply in ("250 OK", "250 OK", "354 go on"):
            self.hear()
            self.say(reply)
        lines = list(iter(self.hear, b".\r\n"))
        return b"".join(lines)

    def wait(self) -> None:
        """Do nothing until the test is over."""
        self.is_over.wait(30)


@contextmanager
def played(part: Callable[[Wire], None]) -> Iterator[int]:
    """Have a server listen that does with each line what `part` says, and give its port."""
    listener, is_over = socket.create_server(("127.0.0.1", 0)), threading.Event()
    threads: list[threading.Thread] = []

    def play(line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            wire = Wire(line, is_over)
            with wire.read:
                part(wire)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _address = listener.accept()
                threads.append(threading.Thread(target=play, args=(line,)))
                threads[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield listener.getsockname()[1]
    finally:
        is_over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (acceptor, *threads):
            thread.join()


def certified(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """Return how a server shows that it has these names."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """Return how a client checks what servers show."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def links(text: str) -> list[str]:
    return re.findall(r"https?://\S+", text)
