"""Which mail server letters are handed to: over TLS, but for this machine or where somebody says otherwise."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from plexe_auth.errors import ConfigurationError, InvalidRequest
from plexe_auth.model.letter import checked_recipient
from plexe_auth.model.links import is_this_machine
from plexe_auth.secret import Secret

Encryption = Literal["tls", "starttls", "none"]

# Submission over implicit TLS (RFC 8314, section 3.3), with STARTTLS (RFC 6409, section 3.1), and a relay beside us.
_PORTS: dict[Encryption, int] = {"tls": 465, "starttls": 587, "none": 25}
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_SENDER = re.compile(r"(?P<name>[^<>\"@\x00-\x1f\x7f]*?) ?<(?P<named>[^<>]*)>|(?P<bare>[^<> ]*)")


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, and who we are to it.

    Attributes:
        host: its name or address.
        port: its port.
        encryption: TLS from the first byte, STARTTLS before anything is told, or none.
        user: whom to sign in as, where that is needed. It does not show in ``repr``, nor does the password.
        password: with what.
    """

    host: str
    port: int
    encryption: Encryption
    user: Secret | None = None
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who letters come from.

    Attributes:
        address: the address, in ASCII.
        name: the name beside it, or nothing.
    """

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return self.address.rpartition("@")[2]


def server(url: object, encryption: object = None) -> Server:
    """Return the server that a URL means: ``smtps://user:password@host:port`` or ``smtp://…``.

    Args:
        url: user and password are percent-encoded.
        encryption: for ``smtp``: ``"starttls"``, the default unless the host is this machine, or ``"none"``.

    Raises:
        ConfigurationError: the URL is none of these, or would have a password sent in the clear over a network. It
            shows nothing of the URL; its frames do, so whoever calls this raises it again without them.
    """
    try:
        parts = urlsplit(url if isinstance(url, str) and url.isprintable() else "")
        host, port = parts.hostname or "", parts.port
        rest = parts.path.strip("/") + parts.query + parts.fragment
    except ValueError:
        parts, host, port, rest = urlsplit(""), "", None, ""
    if parts.scheme not in ("smtp", "smtps") or not _HOST.fullmatch(host) or rest or port == 0:
        raise ConfigurationError("the URL of a mail server is smtps://user:password@host or smtp://…")
    chosen = _encryption(parts.scheme, host, encryption)
    user, password = _credential(parts.username), _credential(parts.password)
    if (user is None) != (password is None):
        raise ConfigurationError("the URL of a mail server names both user and password, or neither")
    if password is not None and chosen == "none" and not is_this_machine(host):
        raise ConfigurationError("a password is not sent in the clear: use smtps:// or STARTTLS")
    return Server(host, port or _PORTS[chosen], chosen, user, password)


def sender(text: object) -> Sender:
    """Return who letters come from: ``no-reply@example.com`` or ``Example <no-reply@example.com>``.

    Raises:
        ConfigurationError: it is not one address, perhaps with a name in front.
    """
    found = _SENDER.fullmatch(text) if isinstance(text, str) else None
    try:
        address = checked_recipient("sender", found and (found["bare"] or found["named"]))
    except InvalidRequest:
        address = ""
    name = (found and found["name"]) or ""
    if not address or not name.isprintable():
        raise ConfigurationError("sender must be one ASCII address, such as Example <no-reply@example.com>")
    return Sender(address, name)


def _encryption(scheme: str, host: str, encryption: object) -> Encryption:
    if scheme == "smtps":
        if encryption not in (None, "tls"):
            raise ConfigurationError("smtps:// is encrypted from the first byte; leave encryption out")
        return "tls"
    if encryption is None:
        return "none" if is_this_machine(host) else "starttls"
    if encryption == "starttls":
        return "starttls"
    if encryption == "none":
        return "none"
    raise ConfigurationError('encryption must be "starttls" or "none"; for TLS from the first byte use smtps://')


def _credential(text: str | None) -> Secret | None:
    if not text:
        return None
    found = unquote(text)
    if not (found.isascii() and found.isprintable()):  # what SASL allows beyond that, servers read in several ways
        raise ConfigurationError("user and password of a mail server must be printable ASCII")
    return Secret(found)
