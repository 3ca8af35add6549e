"""Whether a password is known from a breach is asked by five of the forty characters of its digest, and nothing else.

So the one who answers learns neither the password nor whether it was found ("Pwned Passwords", range search by
k-anonymity). The answer is asked to be padded, so that its length tells nothing.
"""

import hashlib
import re
from collections.abc import Mapping
from types import MappingProxyType

from plexe_auth.errors import Unavailable
from plexe_auth.model.exchange import Answer, Question
from plexe_auth.model.password import as_hashed
from plexe_auth.secret import Secret

HEADERS: Mapping[str, str] = MappingProxyType({"Add-Padding": "true"})
LONGEST_ANSWER = 1024 * 1024  # characters; an answer has about a thousand lines of forty

_PREFIX = 5
_SEEN = re.compile(r"^([0-9A-F]{35}):0*[1-9][0-9]*\r?$", re.ASCII | re.IGNORECASE | re.MULTILINE)
_LINE = re.compile(r"^[0-9A-F]{35}:[0-9]+\r?$", re.ASCII | re.IGNORECASE | re.MULTILINE)


def range_of(password: str) -> tuple[str, Secret]:
    """Return what is told of a password, five hexadecimal characters, and what is looked for in the answer.

    Args:
        password: one that `plexe_auth.model.password.may_be_password`.

    Example:
        >>> range_of("password")
        ('5BAA6', Secret(…))
    """
    # SHA-1 is the index that the service has; nothing is protected by it.
    found = hashlib.sha1(as_hashed(password), usedforsecurity=False).hexdigest().upper()
    return found[:_PREFIX], Secret(found[_PREFIX:])


def range_request(base: str, prefix: str) -> Question:
    """Return what a service is asked for the digests that begin with `prefix`.

    Example:
        >>> range_request("https://api.pwnedpasswords.com", "5BAA6").url
        'https://api.pwnedpasswords.com/range/5BAA6'
    """
    return Question("GET", f"{base.removesuffix('/')}/range/{prefix}", tuple(HEADERS.items()))


def read_range(answer: Answer) -> str:
    """Return the text of an answer that holds at least one line of a suffix and a count, as each range does.

    Raises:
        Unavailable: it is none, so it tells nothing of any password.
    """
    body = answer.body[:LONGEST_ANSWER].decode("ascii", "replace")
    if answer.status != 200 or _LINE.search(body) is None:
        raise Unavailable("Another server's answer cannot be used.")
    return body


def is_breached(body: object, suffix: Secret) -> bool:
    """Tell whether an answer names the digest that ends in `suffix`, at least once seen; padding was seen never.

    Args:
        body: the answer as text: lines of a suffix, a colon and a count. What is no such line says nothing.
        suffix: the second part of `range_of`.

    Example:
        >>> is_breached("1E4C9B93F3F0682250B6CF8331B7EE68FD8:42", range_of("password")[1])
        True
    """
    if not isinstance(body, str):
        return False
    return suffix.reveal() in map(str.upper, _SEEN.findall(body[:LONGEST_ANSWER]))
