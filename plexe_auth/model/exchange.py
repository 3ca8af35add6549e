"""One HTTP exchange as two values; neither shows its fields or its body, for those hold codes, secrets and tokens."""

from dataclasses import dataclass, field
from typing import Literal

from plexe_auth.errors import Unavailable
from plexe_auth.secret import Secret
from plexe_auth.wire import Header


@dataclass(frozen=True, slots=True)
class Question:
    """What we ask another server.

    Attributes:
        method: ``GET`` or ``POST``.
        url: an `plexe_auth.model.endpoint.endpoint`.
        headers: further fields; a value may be a secret.
        form: a body in ``application/x-www-form-urlencoded``.
    """

    method: Literal["GET", "POST"]
    url: str
    headers: tuple[tuple[str, str | Secret], ...] = field(default=(), repr=False)
    form: Secret | None = field(default=None, repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What it answers. Names of fields are in lower case.

    Attributes:
        status: the HTTP status code.
        headers: its fields in order.
        body: as it was sent.
    """

    status: int
    headers: tuple[Header, ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)

    def media_type(self) -> str:
        """Return the media type without parameters, in lower case; empty where none or more than one is named."""
        named = [value for name, value in self.headers if name == "content-type"]
        return named[0].partition(";")[0].strip().lower() if len(named) == 1 else ""


def asked_with(token: Secret, url: str) -> Question:
    """Return a question that shows an access token (RFC 6750, section 2.1)."""
    return Question("GET", url, (("accept", "application/json"), ("authorization", Secret(f"Bearer {token.reveal()}"))))


def useless() -> Unavailable:
    """Return the refusal for an answer that cannot be used; it tells nothing of the answer."""
    return Unavailable("The provider's answer cannot be used.")


def checked_json(answer: Answer) -> bytes:
    """Return the body of a good answer in JSON.

    Raises:
        Unavailable: the status is not 200, or the media type is neither JSON nor ends in ``+json`` (RFC 6839).
    """
    kind = answer.media_type()
    if answer.status != 200 or not (kind == "application/json" or kind.endswith("+json")):
        raise useless()
    return answer.body
