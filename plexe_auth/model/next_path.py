"""Where somebody goes after signing in is a path of ours, written so that no browser can read another host into it.

A browser (WHATWG URL, section 4.4) first drops tabs and line ends anywhere, and controls and spaces at either end; it
then takes ``\\`` for ``/``. Only a reference that after this begins with two slashes, or with a scheme, leads to
another origin. So whatever begins with one ``/`` and holds none of those characters stays. Empty and dot segments, and
encoded slashes, backslashes and dots in the path, are refused too: they stay with us in a browser, but a proxy or an
app that normalises or decodes the path could write ``//`` out of them and redirect once more.
"""

import re

from plexe_auth.errors import ConfigurationError

_LONGEST = 2048
_PCHAR = r"[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2}"  # RFC 3986, section 3.3
_SAFE = re.compile(rf"(?P<path>/(?:/|{_PCHAR})*)(?:\?(?:[/?]|{_PCHAR})*)?(?:\#(?:[/?]|{_PCHAR})*)?", re.ASCII)
_DOUBTFUL = re.compile(r"//|/\.{1,2}(?:/|\Z)|%(?:2[ef]|5c|25|[01][0-9a-f]|7f)", re.IGNORECASE)


def next_path(value: object, default: str = "/") -> str:
    """Return `value` where it is a path of ours that may be put into ``Location``, else `default`.

    It is never taken from ``Referer`` (CVE-2026-40295): only what our own page asked for counts.

    Args:
        value: whatever was asked for, of any type.
        default: where people go otherwise.

    Raises:
        ConfigurationError: `default` is no such path either.

    Example:
        >>> next_path("/keys?page=2#new"), next_path("//evil.example"), next_path(r"/\\evil.example", "/home")
        ('/keys?page=2#new', '/', '/home')
    """
    if not _is_ours(default):
        raise ConfigurationError("where people go by default must be a path of yours, from / on")
    return value if isinstance(value, str) and _is_ours(value) else default


def _is_ours(value: object) -> bool:
    found = _SAFE.fullmatch(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    return found is not None and not _DOUBTFUL.search(found["path"])
