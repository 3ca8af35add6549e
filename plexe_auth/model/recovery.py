"""A recovery code stands in for a lost second factor: ten are made, each is shown once and works once.

A code has 24 characters of Crockford's base 32, 120 random bits, which is more than the 112 from which on a fast digest
is right (NIST SP 800-63B-4, section 3.1.2.2; ASVS 6.5.2): nobody can try them all, not even with the stolen table. A
slow hash would have to be computed ten times for each guess, a lever for denial of service.
"""

from plexe_auth.secret import Secret, digest, in_bytes, random_text

COUNT = 10

# Crockford's base 32: without I, L, O, which look like 1 and 0, and without U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 24
_GROUP = 6
_LONGEST = 64
_PURPOSE = b"plexe_auth recovery code"

# What is left out, and what is read as the character that it was mistaken for.
_READ_AS = str.maketrans("OIL", "011", " -")


def new_codes() -> tuple[Secret, ...]:
    """Return ten new codes such as ``7N3KQ0-XW8R2M-B5TZ9C-H4VJ6P``, to be shown once."""
    return tuple(Secret(grouped(random_text(_LENGTH, ALPHABET))) for _ in range(COUNT))


def grouped(code: str) -> str:
    """Return a canonical code as it is shown, in groups of six."""
    return "-".join(code[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def canonical(text: object) -> str | None:
    """Return the one text of a code that was typed so or so, or ``None`` if it is none.

    Dashes and spaces do not count, wherever they stand; lower case is upper case; ``O`` is read as ``0``, ``I`` and
    ``L`` as ``1``. Whatever else is in it, it is no code. More than 64 characters are not looked at.

    Example:
        >>> canonical("7n3kqo xw8r2m b5tz9c h4vj6p")
        '7N3KQ0XW8R2MB5TZ9CH4VJ6P'
        >>> canonical("７N3KQ0-XW8R2M-B5TZ9C-H4VJ6P") is None
        True
    """
    if not isinstance(text, str) or len(text) > _LONGEST or not text.isascii():
        return None
    code = text.upper().translate(_READ_AS)
    return code if len(code) == _LENGTH and set(code) <= set(ALPHABET) else None


def code_digest(user_id: str, code: str) -> bytes:
    """Return what is kept of a user's canonical code: 32 bytes that fit no other user and no other purpose.

    No two pairs have the same bytes before them: the purpose and the code have fixed lengths.
    """
    return digest(b"\0".join((_PURPOSE, in_bytes(user_id), in_bytes(code))))
