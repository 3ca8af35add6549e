"""A line to a mail server that is cut when its time is over or too much is answered, whatever the server does.

The timeouts of sockets begin anew with every byte. A server that sends one byte now and then would hold a thread for
ever, and so would one that never ends its reply.
"""

import smtplib
import socket
import ssl
from typing import TYPE_CHECKING, Any

from plexe_auth.cache.elapsed import elapsed
from plexe_auth.mail.submission import Submission

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_MOST_ANSWERED = 64 * 1024  # bytes on one line; a greeting and six replies take about a kilobyte
_PIECE = 64 * 1024


class Line(smtplib.SMTP):
    """One connection for one letter. It is closed by its ``close``, whatever happened."""

    def __init__(self, how: Submission) -> None:
        self._end = elapsed() + how.seconds
        self._how = how
        super().__init__(local_hostname=how.sender.domain, timeout=how.seconds)  # without a host nothing is connected
        self._host = how.server.host  # the name that `starttls` checks the certificate for

    def open(self) -> None:
        """Connect, encrypt as agreed, and sign in where that is wanted."""
        server = self._how.server
        code, said = self.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, said)
        if server.encryption == "starttls":
            self.starttls(context=self._how.context)
            if not isinstance(self.sock, ssl.SSLSocket):
                raise smtplib.SMTPNotSupportedError("the line is not encrypted")
        if server.user is not None and server.password is not None:
            self.login(server.user.reveal(), server.password.reveal())

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        failure: OSError = OSError("the name has no address")
        for family, kind, protocol, _name, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            one = socket.socket(family, kind, protocol)
            try:
                one.settimeout(self.left())
                one.connect(place)
                return self._encrypted(one)
            except OSError as error:
                one.close()
                failure = error
        raise failure

    def _encrypted(self, connected: socket.socket) -> socket.socket:
        context = self._how.context
        if self._how.server.encryption != "tls" or context is None:
            return connected
        connected.settimeout(self.left())
        return context.wrap_socket(connected, server_hostname=self._host)

    def left(self) -> float:
        """Return how many seconds there are left.

        Raises:
            TimeoutError: none.
        """
        left = self._end - elapsed()
        if left <= 0:
            raise TimeoutError("the time for this letter is over")
        return left

    def send(self, s: "ReadableBuffer | str") -> None:
        """Send, piece by piece, in the time that is left."""
        data = s.encode(self.command_encoding) if isinstance(s, str) else bytes(s)
        for start in range(0, len(data), _PIECE):
            self._hurry()
            super().send(data[start : start + _PIECE])

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply in the time that is left."""
        if self.file is None and self.sock is not None:
            self.file: Any = _Replies(self.sock, self)
        return super().getreply()

    def _hurry(self) -> None:
        if self.sock is not None:
            self.sock.settimeout(self.left())


class _Replies:
    """What is read of the server, as `smtplib` reads it."""

    def __init__(self, connected: socket.socket, line: Line) -> None:
        self._socket = connected
        self._line = line
        self._buffer = bytearray()
        self._answered = 0

    def readline(self, longest: int) -> bytes:
        """Return what comes up to the end of the line, or of what there is."""
        while b"\n" not in self._buffer:
            self._socket.settimeout(self._line.left())
            more = self._socket.recv(4096)
            self._answered += len(more)
            if self._answered > _MOST_ANSWERED or len(self._buffer) >= longest:
                raise smtplib.SMTPResponseException(-1, "the server answers too much")
            if not more:
                break
            self._buffer += more
        end = min(self._buffer.find(b"\n") + 1 or longest, longest)
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        return line

    def close(self) -> None:
        """Forget what was read."""
        self._buffer.clear()
