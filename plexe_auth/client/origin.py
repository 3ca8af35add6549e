"""Where a key may go: over HTTPS or to this machine, to the origins that were named, or to the first one alone."""

import ipaddress
import threading
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

from plexe_auth.errors import ConfigurationError

_PORTS = {"https": 443, "http": 80}


class Origin(NamedTuple):
    """Scheme, host and port (RFC 6454): what two URLs share whose answers come from one server."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    def is_private(self) -> bool:
        """Tell whether nobody on the way reads what is sent there: it is encrypted, or never leaves the machine."""
        return self.scheme == "https" or (self.scheme == "http" and _is_loopback(self.host))


def origin(scheme: str, host: str | None, port: int | None) -> Origin | None:
    """Return the origin that a URL's parts make, or ``None`` where they make none that we know."""
    scheme = scheme.lower()
    port = port or _PORTS.get(scheme)
    return Origin(scheme, host.lower(), port) if host and port and scheme in _PORTS else None


def origin_of(url: str | None) -> Origin | None:
    """Return the origin of a URL, as `urllib.parse` reads it."""
    try:
        parts = urlsplit(url or "")
        return origin(parts.scheme, parts.hostname, parts.port)
    except ValueError:
        return None


class Origins:
    """The origins that a key goes to.

    Args:
        named: such as ``https://api.example.com``; none: the first one that `admits` is asked about, and no other.

    Raises:
        ConfigurationError: one is no origin, or others could read on the way what is sent there.
    """

    def __init__(self, named: Iterable[str] = ()) -> None:
        if isinstance(named, str):
            raise ConfigurationError("origins is a list of them, as in ['https://api.example.com']")
        self._held = frozenset(_checked(_plain(one), one) for one in named)
        self._lock = threading.Lock()

    def admits(self, asked: Origin | None) -> bool:
        """Tell whether a request of the host's own making takes the key along; the first decides on all others.

        Raises:
            ConfigurationError: it is the first, and others could read on the way what is sent there.
        """
        with self._lock:
            if not self._held:
                self._held = frozenset({_checked(asked, "such a URL")})
        return self.holds(asked)

    def holds(self, asked: Origin | None) -> bool:
        """Tell whether the key goes there."""
        return asked in self._held


def _checked(found: Origin | None, told: str) -> Origin:
    if found is None:
        raise ConfigurationError(f"a key does not go to {told}: an origin is https://HOST or https://HOST:PORT")
    if not found.is_private():
        raise ConfigurationError(f"a key does not go over plain HTTP to {found}: use https://")
    return found


def _plain(url: str) -> Origin | None:
    """Return the origin that a text names and nothing more: no path, no user, nothing that is read in two ways."""
    found = origin_of(url) if url.isascii() and url.isprintable() and "\\" not in url and "@" not in url else None
    return found if found is not None and url.count("/") - url.endswith("/") == 2 and not set(url) & set("?#") else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
