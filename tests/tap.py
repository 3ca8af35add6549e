"""A tap on the wire: a relay to a database server that writes down who said what, in the order in which it was said."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url


class Tap:
    """Relays each connection to a server. What is heard is written down before it is passed on.

    Clearing `answering` keeps back what the server says until it is set again.
    """

    def __init__(self, server: tuple[str, int]) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.asking = threading.Condition()
        self.answering = threading.Event()
        self.answering.set()
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = [self._listening]
        self.port = self._listening.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, name="tap", daemon=True)
        self._accepting.start()

    def asked(self) -> list[bytes]:
        """What clients have said, one item for each turn: a turn ends when the server answers."""
        turns: list[bytes] = []
        speaker = "server"
        for who, said in list(self.heard):
            if who == "client" and speaker == "client":
                turns[-1] += said
            elif who == "client":
                turns.append(said)
            speaker = who
        return turns

    def wait_until_asked(self) -> None:
        """Wait until a client has said something since `heard` was cleared."""
        with self.asking:
            self.asking.wait_for(self.asked, timeout=30)

    def close(self) -> None:
        """Hang up on everybody, whoever is just now being let in among them: closing alone leaves `accept` waiting."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listening.accept()
            except OSError:
                return
            self._open.append(client)
            server = socket.create_connection(self._server)
            self._open.append(server)
            for who, source, target in (("client", client, server), ("server", server, client)):
                threading.Thread(target=self._relay, args=(who, source, target), name="tap", daemon=True).start()

    def _relay(self, who: str, source: socket.socket, target: socket.socket) -> None:
        try:
            while said := source.recv(65536):
                with self.asking:
                    self.heard.append((who, said))
                    self.asking.notify_all()
                if who == "server":
                    self.answering.wait()
                target.sendall(said)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return


@contextmanager
def tapped(url: str) -> Iterator[tuple[str, Tap]]:
    """The URL of the same database through a tap, and the tap."""
    plain = make_url(url)
    tap = Tap((plain.host or "", plain.port or 0))
    try:
        yield plain.set(host="127.0.0.1", port=tap.port).render_as_string(hide_password=False), tap
    finally:
        tap.answering.set()
        tap.close()
