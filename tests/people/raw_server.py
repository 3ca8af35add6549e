"""A server of raw sockets on 127.0.0.1 that says exactly what a test wants said, byte by byte."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Talk = Callable[[socket.socket], None]


class RawServer:
    """Where it listens, and all that it was sent."""

    def __init__(self, talk: Talk, context: ssl.SSLContext | None) -> None:
        self.talk = talk
        self.context = context
        self.received: list[bytes] = []
        self.ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self.context else 'http'}://{host}:{self.port}{path}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        stream = connection if self.context is None else self.context.wrap_socket(connection, server_side=True)
        with stream:
            self.received.append(request(stream))
            self.talk(stream)

    def close(self) -> None:
        self.ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)


def request(stream: socket.socket) -> bytes:
    """Read a request to its end."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = stream.recv(65_536)
        if not piece:
            return data
        data += piece
    head, _gap, body = data.partition(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    ]
    while lengths and len(body) < lengths[0]:
        body += stream.recv(65_536)
    return head + b"\r\n\r\n" + body


@contextmanager
def serving(talk: Talk | bytes, context: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    say = talk if not isinstance(talk, bytes) else lambda stream, text=talk: stream.sendall(text)
    server = RawServer(say, context)
    try:
        yield server
    finally:
        server.close()
