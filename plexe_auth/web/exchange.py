"""An exchange is one request as a site sees it, below its mount; by now the gate has let it in."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from plexe_auth.errors import InvalidRequest
from plexe_auth.http_errors import ContentTooLarge
from plexe_auth.model.principal import Principal
from plexe_auth.wire import Request, Response

# The header fields that sites look at.
FIELDS = ("content-length", "content-type", "hx-request", "idempotency-key", "if-match", "if-none-match")

Read = Callable[[int], Awaitable[bytes]]


class Exchange(NamedTuple):
    """A request. Its ``repr`` shows neither fields nor body.

    Attributes:
        method: as sent.
        path: decoded, below the mount.
        prefix: where the site is mounted, percent-encoded; ``""`` at the root.
        query: as sent.
        fields: the value of each header field in `FIELDS` that was sent, by lower-case name; repeated ones are joined.
        read: reads the body, of at most so many bytes.
        principal: who it acts for; ``None`` where nobody had to say.
    """

    method: str
    path: str
    prefix: str
    query: str
    fields: Mapping[str, str]
    read: Read
    principal: Principal | None

    def __repr__(self) -> str:
        return f"Exchange({self.method!r}, {self.path!r}, …)"


def length(fields: Mapping[str, str], most: int) -> int | None:
    """Return how long the body says it is; ``None`` where it does not say.

    Raises:
        ContentTooLarge: longer than `most`.
        InvalidRequest: that is no number.
    """
    sent = fields.get("content-length", "")
    if not sent:
        return None
    if not (sent.isascii() and sent.isdigit()):
        raise InvalidRequest("The length of the body is no number.", field="body")
    if len(sent.lstrip("0")) > len(str(most)) or int(sent) > most:
        raise ContentTooLarge
    return int(sent)


def joined(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the values of fields by name, those of repeated ones joined as servers of WSGI join them."""
    found: dict[str, str] = {}
    for name, value in fields:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


class Answering(Protocol):
    """A site that has a gate of its own, and an answer to every request."""

    async def answer(self, request: Request, exchange: Exchange) -> Response:
        """Return the answer; no refusal raises."""
        ...
