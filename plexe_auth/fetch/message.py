"""A question as HTTP/1.1 sends it, and an answer as it comes in, piece by piece, no longer than is bearable."""

import logging
from collections.abc import Iterable

from plexe_auth.errors import Unavailable
from plexe_auth.fetch.reach import OutOfReach
from plexe_auth.model.endpoint import endpoint
from plexe_auth.model.exchange import Answer, Question

SECONDS = 10.0
"""How long one exchange may take in all: names, connecting, TLS, asking, answering. Somebody waits for it."""

LONGEST = 1_048_576
"""How many bytes a body may have. The longest that we read, a set of keys, has some thousands."""

Field = tuple[bytes, bytes]
_ALWAYS: tuple[Field, ...] = (
    (b"user-agent", b"plexe_auth"),  # GitHub refuses who does not say who it is
    (b"accept-encoding", b"identity"),  # what is not compressed cannot grow
    (b"connection", b"close"),
)
_log = logging.getLogger(__name__)


def check(question: Question) -> None:
    """Refuse a question that could not be sent as one.

    Raises:
        OutOfReach: its URL is no endpoint, or a field could be read as more than one field (RFC 9112, section 2.2).
    """
    values = (value if isinstance(value, str) else value.reveal() for _name, value in question.headers)
    if endpoint(question.url) is None or not all(value.isascii() and value.isprintable() for value in values):
        raise OutOfReach


def fields(question: Question) -> list[Field]:
    """Return the fields of a question."""
    kind = () if question.form is None else ((b"content-type", b"application/x-www-form-urlencoded"),)
    given = ((name, value if isinstance(value, str) else value.reveal()) for name, value in question.headers)
    return [*_ALWAYS, *kind, *((name.encode(), value.encode()) for name, value in given)]


def content(question: Question) -> bytes | None:
    """Return the body of a question."""
    return None if question.form is None else question.form.reveal().encode()


class TooLong(Exception):
    """An answer has more bytes than are read, or is compressed though nobody asked for that."""


class Incoming:
    """An answer while it comes in."""

    def __init__(self, status: int, headers: Iterable[Field], longest: int) -> None:
        self._head = (
            status,
            tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers),
        )
        self._longest = longest
        self._body = bytearray()
        if any(name == "content-encoding" and value.lower() != "identity" for name, value in self._head[1]):
            raise TooLong

    def add(self, piece: bytes) -> None:
        """Take the next piece of the body.

        Raises:
            TooLong: it is one too many.
        """
        if len(self._body) + len(piece) > self._longest:
            raise TooLong
        self._body += piece

    def answer(self) -> Answer:
        """Return the whole."""
        return Answer(*self._head, bytes(self._body))


def no_answer(question: Question, error: type[BaseException]) -> Unavailable:
    """Return the refusal for a question that has no answer, and tell the log of whom, and by which kind of error.

    The client is told neither: it could map a network by what it is told (O11).
    """
    place = endpoint(question.url)
    _log.warning("no answer from %s (%s)", place.host if place else "a URL that is none", error.__name__)
    return Unavailable("Another server does not answer.")
