"""A URL that we send to, or send browsers to, has one form: HTTPS, a plain host, neither user information nor fragment.

Whatever two parsers could read in two ways is no endpoint: user information that looks like a host, backslashes, hosts
in percent-encoding, numbers that some resolvers take for IPv4 (``0x7f.1``, ``2130706433``).
"""

import ipaddress
import re
from dataclasses import dataclass

from plexe_auth.model.network import Address

_LONGEST = 2048
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]{{2,45}}\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?(?P<target>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)",
    re.ASCII,
)
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a URL leads.

    Attributes:
        scheme: ``"https"``; ``"http"`` for a loopback host alone.
        host: a name or an address, in lower case and without brackets.
        port: the port, the scheme's own where none is named.
        target: the path and the query, at least ``/``.
    """

    scheme: str
    host: str
    port: int
    target: str


def endpoint(url: object) -> Endpoint | None:
    """Return where a URL leads, or ``None`` where it is no endpoint.

    Plain HTTP is for development and tests: it never leaves the machine (RFC 8252, section 7.3).

    Example:
        >>> endpoint("https://id.example/token").host, endpoint("https://id.example@evil.example/")
        ('id.example', None)
    """
    found = _URL.fullmatch(url) if isinstance(url, str) and len(url) <= _LONGEST else None
    if found is None:
        return None
    scheme, host = found["scheme"], found["host"].lower().strip("[]")
    port = int(found["port"] or (443 if scheme == "https" else 80))
    if port > 65_535 or len(host) > 253 or not _is_host(host, found["host"].startswith("[")):
        return None
    if scheme == "http" and not is_loopback(host):
        return None
    target = found["target"]
    return Endpoint(scheme, host, port, target if target.startswith("/") else f"/{target}")


def literal(host: str) -> Address | None:
    """Return the address that a host is, or ``None`` where it is a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Tell whether a host can be nothing but this machine (RFC 6761, section 6.3)."""
    address = literal(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_host(host: str, in_brackets: bool) -> bool:
    if in_brackets or _NUMERIC.fullmatch(host):
        address = literal(host)
        return address is not None and (address.version == 6) is in_brackets
    return True
