"""The session's cookie is read byte for byte: nothing is trimmed, unquoted or guessed, and two are none.

A library's reading of cookies is made to be lenient, and each leniency has let somebody hide, replace or shadow a
cookie (CVE-2023-23934; the tricks with ``$Version`` and white space). Here a pair is a session's if its name is ours.
"""

from collections.abc import Iterable

NAME = "__Host-plexe_session"  # RFC 6265bis, section 4.1.3.2: Secure, Path=/ and no Domain, or browsers drop it

_PAIR, _BETWEEN = f"{NAME}=".encode(), (b"", b" ")
_ATTRIBUTES = "Secure; HttpOnly; SameSite=Lax; Path=/"


def tokens(fields: Iterable[str], named: str = NAME) -> list[str]:
    """Return the value of each session cookie in the values of the ``Cookie`` fields (RFC 6265bis, section 4.2.1).

    Args:
        fields: those values.
        named: another cookie's name.
    """
    pairs = (pair.removeprefix(" ").partition("=") for field in fields for pair in field.split(";"))
    return [value for name, equals, value in pairs if equals and name == named]


def only_token(field: bytes) -> bytes:
    """Return what `tokens` does for a ``Cookie`` field with one session cookie, in a tenth of the time; else nothing.

    It may be nothing where there is one: then it is for `tokens` to say.
    """
    before, found, after = field.partition(_PAIR)
    if not found or before.rpartition(b";")[2] not in _BETWEEN or _PAIR in after:
        return b""
    return after.partition(b";")[0]


def set_cookie(token: str, seconds: int, named: str = NAME) -> str:
    """Return the value of the ``Set-Cookie`` field that hands a token over; no seconds at all take it away again."""
    return f"{named}={token}; Max-Age={max(0, seconds)}; {_ATTRIBUTES}"
