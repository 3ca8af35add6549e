"""A letter goes to exactly one recipient, and nothing in it can become a header or a second address."""

import re
import unicodedata
from dataclasses import dataclass

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.text import checked

LONGEST_ADDRESS = 254  # bytes, RFC 5321, section 4.5.3.1.3 without the angle brackets
LONGEST_SUBJECT = 200
LONGEST_BODY = 100_000

# A dot-atom (RFC 5322, section 3.2.3) without what has led mail over another host (RFC 1123, section 5.2.16). Quoted
# local parts, comments and address literals have been read as two addresses, or as another one, by one mail server or
# another; letters beyond ASCII (RFC 6531) have no one form.
_ATOM = r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """One e-mail to one person. ``repr`` shows neither the body, which may hold a one-time link, nor the address.

    Attributes:
        to: the address of the one recipient, alone: no name, no list.
        subject: one line.
        text: the body in plain text; its lines end in ``\\n``.
        html: the same in HTML, or ``None``.

    Raises:
        InvalidRequest: `to` is not the address of exactly one person, or a text holds what it must not.

    Example:
        >>> letter = Letter("ada@example.com", "Welcome", "Hello.\\n")
        >>> letter
        Letter(to='a…@example.com', subject='Welcome')
    """

    to: str
    subject: str
    text: str
    html: str | None = None

    def __post_init__(self) -> None:
        checked_recipient("to", self.to)
        _check("subject", self.subject, LONGEST_SUBJECT, allowed="")
        _check("text", self.text, LONGEST_BODY, allowed="\n\t")
        if self.html is not None:
            _check("html", self.html, LONGEST_BODY, allowed="\n\t")

    def __repr__(self) -> str:
        return f"Letter(to={masked(self.to)!r}, subject={self.subject!r})"


def checked_recipient(field: str, value: object) -> str:
    """Return `value` if it is the bare address of exactly one person, in ASCII.

    Raises:
        InvalidRequest: it is anything else.
    """
    address = checked(field, value, LONGEST_ADDRESS)
    if not _ADDRESS.fullmatch(address):
        raise InvalidRequest(f"{field} must be the e-mail address of one person.", field=field)
    return address


def masked(address: str) -> str:
    """Return as much of an address as may be shown to who knows it already.

    Example:
        >>> masked("ada@example.com")
        'a…@example.com'
    """
    local, _at, domain = address.rpartition("@")
    return f"{local[:1] if len(local) > 1 else ''}…@{domain}"


def _check(field: str, value: object, longest: int, allowed: str) -> None:
    text = checked(field, value, longest)
    if any(unicodedata.category(one) in ("Cc", "Zl", "Zp") and one not in allowed for one in text):
        raise InvalidRequest(f"{field} must not hold control characters.", field=field)
