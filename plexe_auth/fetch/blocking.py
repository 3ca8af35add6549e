"""One exchange by `httpcore2`, plainly; every step of it takes what is left of one span, and no more.

`httpcore2` is the transport under `httpx2`. It follows no redirect, keeps no cookie, decompresses nothing and reads no
proxy from the environment, so that none of these has to be turned off; and it lets us make the connection, which is
where an address is checked.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from typing import Any

import httpcore2

from plexe_auth.fetch.message import LONGEST, SECONDS, Incoming, check, content, fields, no_answer
from plexe_auth.fetch.reach import TCP, Reach, Resolved
from plexe_auth.model.endpoint import literal
from plexe_auth.model.exchange import Answer, Question


class BlockingFetch:
    """A `plexe_auth.fetch.port.Fetch`.

    Args:
        reach: what may be reached.
        seconds: how long an exchange may take in all.
        longest: how many bytes the body of an answer may have.
        context: whom to trust in TLS; ``None``: whom the system trusts.
    """

    def __init__(
        self,
        reach: Reach | None = None,
        *,
        seconds: float = SECONDS,
        longest: int = LONGEST,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._reach = reach or Reach()
        self._seconds = seconds
        self._longest = longest
        self._context = context

    def __call__(self, question: Question, /) -> Answer:
        """See `plexe_auth.fetch.port.Fetch`."""
        try:
            check(question)
            return self._ask(question)
        except Exception as error:  # whatever goes wrong on the way: there is no answer
            failed = type(error)
        raise no_answer(question, failed)  # out of reach of the error, whose frames hold what was sent

    def _ask(self, question: Question) -> Answer:
        if self._context is None:
            self._context = httpcore2.default_ssl_context()
        backend = _Checked(self._reach, _Deadline(self._seconds))
        with (
            httpcore2.ConnectionPool(self._context, network_backend=backend) as pool,
            pool.stream(question.method, question.url, headers=fields(question), content=content(question)) as response,
        ):
            incoming = Incoming(response.status, response.headers, self._longest)
            for piece in response.iter_stream():
                incoming.add(piece)
        return incoming.answer()


class _Deadline:
    """The end of a span that began when it was made."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds until then.

        Raises:
            TimeoutError: it is over.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Checked(httpcore2.NetworkBackend):
    """Connects to addresses that were checked, and to nothing else."""

    def __init__(self, reach: Reach, deadline: _Deadline) -> None:
        self._reach = reach
        self._deadline = deadline
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address of `host` that answers."""
        places = self._reach.checked(host, _resolved(host, port, self._deadline))
        for tried, place in enumerate(places, 1):
            share = self._deadline.left() / (len(places) - tried + 1)
            try:
                stream = self._backend.connect_tcp(place, port, share, None, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
            return _Bounded(stream, self._deadline)
        raise httpcore2.ConnectError


class _Bounded(httpcore2.NetworkStream):
    """A stream each step of which takes what is left of one span, however many steps there are."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has come, at most that many bytes."""
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        """Give the connection back."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Return the stream inside TLS."""
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """Tell of the connection."""
        return self._stream.get_extra_info(info)


def _resolved(host: str, port: int, deadline: _Deadline) -> Resolved:
    """Return what the system finds for a host. It knows no span, so it is asked in a thread that may be left behind."""
    if literal(host) is not None:
        return _found(host, port)
    answers: SimpleQueue[Resolved] = SimpleQueue()
    threading.Thread(target=lambda: answers.put(_found(host, port)), name="plexe_auth", daemon=True).start()
    try:
        return answers.get(timeout=deadline.left())
    except Empty:
        raise TimeoutError from None


def _found(host: str, port: int) -> Resolved:
    try:
        return socket.getaddrinfo(host, port, **TCP)
    except OSError:
        return ()
