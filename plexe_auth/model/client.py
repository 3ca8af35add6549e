"""Where somebody signs in from, as far as the host knows it."""

from dataclasses import dataclass

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.text import storable

LONGEST_AGENT = 512
_LONGEST_IP = 64


@dataclass(frozen=True, slots=True)
class Client:
    """A client.

    Attributes:
        ip: its address. Take it from a place that a client cannot write to.
        user_agent: what it calls itself; the first 512 characters of it are kept.
    """

    ip: str | None = None
    user_agent: str | None = None


NOWHERE = Client()


def checked_client(value: object) -> Client:
    """Return the client with what can be kept of it.

    Raises:
        InvalidRequest: it is no `Client`, or its parts are no texts.
    """
    if not isinstance(value, Client):
        raise InvalidRequest("client must be a plexe_auth.Client.", field="client")
    return Client(_kept(value.ip, _LONGEST_IP), _kept(value.user_agent, LONGEST_AGENT))


def _kept(text: object, longest: int) -> str | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise InvalidRequest("client must be made of texts.", field="client")
    short = text[:longest]
    return short if storable(short) else short.encode(errors="replace").decode().replace("\0", "�")
