"""A password is long, not common, and not made of what everybody knows of its owner; nothing else is asked of it.

What is decided and what is hashed is its NFC form in UTF-8: NIST SP 800-63B-4, section 3.1.1.2 asks for it, and so does
RFC 8265. The same password, typed on a keyboard that sends an accent as a character of its own, then opens the same
account. NFC changes nothing that a person could see or mean; ``²`` stays apart from ``2``, as under NFKC it
would not. ASVS 6.2.8 asks for the password "exactly as received", without cutting or changing case: nothing is cut,
folded or trimmed.
"""

import re
import unicodedata
from collections.abc import Container, Iterable
from typing import TypeGuard

from plexe_auth.errors import InvalidRequest

SHORTEST_ALONE = 15  # characters, where nothing else is asked for (NIST SP 800-63B-4, section 3.1.1.2)
SHORTEST_WITH_SECOND_FACTOR = 8
LONGEST = 1024  # bytes; NIST wants at least 64 characters allowed, and a bound keeps hashing cheap (ASVS 6.2.9)

_SHORTEST_WORD = 3
_FEW = 4


def checked_password(
    value: object, *, only_factor: bool, about: Iterable[str] = (), common: Container[str] = frozenset()
) -> str:
    """Return a new password, exactly as it was given.

    Args:
        value: what was typed, of any type and size. Nothing is looked at before its length.
        only_factor: nothing else will be asked for when signing in.
        about: what a guesser would try: the product's name, the address's local part, the person's name.
        common: common passwords, case-folded: `plexe_auth.blocklist.common_passwords.common_passwords`.

    Raises:
        InvalidRequest: it is no text, too short (in characters) or too long (in bytes), holds lone surrogates or
            characters that Unicode has not assigned (which may come to be hashed otherwise: UAX 15, section 12.1), is a
            common one in any case, or one repeated, or is made of words in `about` and at most four characters more
            (NIST SP 800-63B-4, section 3.1.1.2). No error holds it.

    Example:
        >>> checked_password("  correct horse battery ", only_factor=True)
        '  correct horse battery '
    """
    fault: str | None = f"must be a text of 1 to {LONGEST} bytes"
    if may_be_password(value):
        fault = _fault(value, SHORTEST_ALONE if only_factor else SHORTEST_WITH_SECOND_FACTOR, about, common)
        if fault is None:
            return value
    del value  # it must not stand in the frame of the refusal
    raise InvalidRequest(f"password {fault}.", field="password")


def may_be_password(value: object) -> TypeGuard[str]:
    """Tell whether a text may be somebody's password; when signing in, what may not be one is a wrong one."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        return False
    try:
        return len(value.encode()) <= LONGEST
    except UnicodeEncodeError:  # a lone surrogate
        return False


def as_hashed(password: str) -> bytes:
    """Return what is hashed of a password: when it is set, verified, changed and reset.

    Args:
        password: one that `may_be_password`. NFC makes at most three bytes of one.

    Example:
        >>> as_hashed("cafe\\u0301") == as_hashed("caf\\u00e9")
        True
    """
    return _normalised(password).encode()


def _normalised(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _fault(password: str, shortest: int, about: Iterable[str], common: Container[str]) -> str | None:
    normal = _normalised(password)
    if len(normal) < shortest:
        return f"must have at least {shortest} characters"
    if any(unicodedata.category(character) == "Cn" for character in normal):
        return "must not hold characters that Unicode has not assigned"
    folded = normal.casefold().strip()
    if not folded or folded in common or _repeated(folded) in common:
        return "is one of the most common ones"
    if _is_made_of(folded, about):
        return "is made of the names of the product or its owner"
    return None


def _repeated(text: str) -> str:
    """Return the shortest text that, repeated, is `text`."""
    return text[: (text + text).find(text, 1)]


def _is_made_of(folded: str, about: Iterable[str]) -> bool:
    """Tell whether words in `about`, taken out, leave at most a few characters."""
    rest = folded
    for word in sorted(_words(about), key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != folded and len(rest) <= _FEW


def _words(about: Iterable[str]) -> set[str]:
    """Return the texts and their parts, folded as the password is; very short ones occur by chance."""
    folded = [_normalised(text[:LONGEST]).casefold() for text in about]
    parts = [part for text in folded for part in (text.strip(), *re.split(r"[\W_]+", text))]
    return {part for part in parts if len(part) >= _SHORTEST_WORD}
