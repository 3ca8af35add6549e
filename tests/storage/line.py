"""A line to a database server that can be watched, and cut at any message of the client's."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

Plan = Callable[[int], str]

PASS = "pass"
CUT = "cut before the server sees it"
SWALLOW = "cut after the server has answered"


class Line:
    """Forwards to a server. `plan` is asked about each message of a client, counted from when it was last `set`."""

    def __init__(self, url: str) -> None:
        self._server = sa.make_url(url)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listening: socket.socket | None = None
        self.set()
        self.up()
        self.url = self._server.set(host="127.0.0.1", port=self._port).render_as_string(hide_password=False)

    _port = 0

    def set(self, plan: Plan = lambda _message: PASS) -> None:
        """From now on do what `plan` says."""
        with self._lock:
            self.plan, self.messages = plan, 0

    def up(self) -> None:
        """Take connections."""
        self._listening = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listening.getsockname()[1]
        threading.Thread(target=self._listen, args=(self._listening,), daemon=True).start()

    def down(self) -> None:
        """Cut every connection, and refuse new ones."""
        if self._listening is not None:
            _close(self._listening)
            self._listening = None
        for end in list(self._open):
            _close(end)

    def _listen(self, listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = listening.accept()
                server = socket.create_connection((self._server.host, self._server.port))
                self._open |= {client, server}
                swallow = threading.Event()
                threading.Thread(target=self._up, args=(client, server, swallow), daemon=True).start()
                threading.Thread(target=self._down, args=(client, server, swallow), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket, swallow: threading.Event) -> None:
        with _both_closed(client, server):
            while data := client.recv(1 << 16):
                with self._lock:
                    self.messages += 1
                    plan, message = self.plan, self.messages
                verdict = plan(message)
                if verdict == CUT:
                    return
                if verdict == SWALLOW:
                    swallow.set()
                server.sendall(data)

    def _down(self, client: socket.socket, server: socket.socket, swallow: threading.Event) -> None:
        with _both_closed(client, server):
            while (data := server.recv(1 << 16)) and not swallow.is_set():
                client.sendall(data)


@contextmanager
def _both_closed(*ends: socket.socket) -> Iterator[None]:
    with contextlib.suppress(OSError):
        yield
    for end in ends:
        _close(end)


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def at(message: int, what: str) -> Plan:
    """Do that at the message with this number, and let all others pass."""
    return lambda number: what if number == message else PASS
