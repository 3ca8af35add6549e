"""A link is built from the configured base URL alone; no request has a word in where it leads.

The token stands in the fragment, behind ``#``. A browser sends a fragment to nobody (RFC 9110, section 7.1): not to the
server with its logs and those of every proxy on the way, nor in ``Referer`` to whatever the page loads. Programs that
open each link of a mail to scan it ask for the page without the token, so that a ``GET`` cannot use it up however the
page is written. The page reads ``location.hash``, takes it out of the address (``history.replaceState``), and sends the
token in the body of a ``POST`` when a person presses its button.

A page that must do without JavaScript gets the token in the query. It has to send ``Referrer-Policy: no-referrer``,
keep its query out of logs, and show a form on ``GET`` that sends the token by ``POST``.
"""

import re
from typing import Literal
from urllib.parse import urlsplit

from plexe_auth.errors import ConfigurationError
from plexe_auth.model.network import address

_LONGEST = 2000
_PORTS = {"https": 443, "http": 80}
_BASE = re.compile(r"(https?)://([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?((?:/[A-Za-z0-9._~-]+)*)/?")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
_TOKEN = re.compile(r"[A-Za-z0-9._~-]{1,1000}")
_DOTS = re.compile(r"/\.\.?(?=/|\Z)")


class Links:
    """Builds the links of letters.

    Args:
        base_url: where the pages are that links lead to, such as ``https://app.example.com`` or
            ``https://example.com/account``. HTTPS; plain HTTP on this machine alone.
        token_in: ``"fragment"``, which no server and no scanner sees; or ``"query"``, for pages without JavaScript.

    Raises:
        ConfigurationError: the URL is not HTTPS, names a user, holds a query or a fragment, or is none.

    Example:
        >>> Links("https://app.example.com").to("/reset-password", "Zx81")
        'https://app.example.com/reset-password#token=Zx81'
    """

    __slots__ = ("_base", "_sign")

    def __init__(self, base_url: str, *, token_in: Literal["fragment", "query"] = "fragment") -> None:  # noqa: S107 - a place, not a password
        if token_in not in ("fragment", "query"):
            raise ConfigurationError('token_in must be "fragment" or "query"')
        self._base = _checked(base_url)
        self._sign = "#" if token_in == "fragment" else "?"  # noqa: S105 - a place, not a password

    @property
    def origin(self) -> str:
        """The origin of the pages, as a browser writes it (RFC 6454, section 6.2)."""
        parts = urlsplit(self._base)
        port = "" if parts.port in (None, _PORTS[parts.scheme]) else f":{parts.port}"
        host = parts.hostname or ""
        return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"

    def to(self, path: str, token: str | None = None) -> str:
        """Return the link to a page, with a token where one is given. Whoever has it can use the token: log it never.

        Args:
            path: below the base URL: ``/reset-password``.
            token: letters, digits, ``.``, ``_``, ``~`` and ``-``.

        Raises:
            ConfigurationError: `path` or `token` is none. Neither is shown.
        """
        if not _is(path, _PATH) or _DOTS.search(path):
            raise ConfigurationError("the path of a link must be plain segments, such as /reset-password")
        if token is None:
            return self._base + path
        if not _is(token, _TOKEN):
            raise ConfigurationError("the token of a link must need no escaping in a URL (RFC 3986, section 2.3)")
        return f"{self._base}{path}{self._sign}token={token}"

    def __repr__(self) -> str:
        return f"Links({self._base!r})"


def is_this_machine(host: str) -> bool:
    """Tell whether a host, as it stands in a URL without brackets, is this machine by its name or address."""
    found = address(host)
    return host.lower() == "localhost" if found is None else found.is_loopback


def _is(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _checked(base_url: object) -> str:
    if not isinstance(base_url, str) or len(base_url) > _LONGEST:
        raise ConfigurationError("base_url must be a URL such as https://app.example.com")
    found = _BASE.fullmatch(base_url)
    if found is None or _DOTS.search(found[4]) or not _is_host(base_url, found):
        raise ConfigurationError(
            "base_url must be scheme, host and perhaps a path, such as https://app.example.com: "
            "no user, no query, no fragment"
        )
    if found[1] == "http" and not is_this_machine(found[2].strip("[]")):
        raise ConfigurationError("base_url must be https; plain http is for this machine alone")
    return base_url.removesuffix("/")


def _is_host(base_url: str, found: re.Match[str]) -> bool:
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        return False
    if found[2].startswith("["):
        return address(found[2][1:-1]) is not None and port != 0
    labels = found[2].split(".")
    return all(one and one[0] != "-" != one[-1] and len(one) <= 63 for one in labels) and port != 0
