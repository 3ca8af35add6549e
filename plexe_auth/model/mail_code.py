"""A code by mail is eight digits that live for ten minutes, and fit one challenge and one purpose.

Eight digits are 26 random bits; ASVS 6.5.3 asks for 20. So few are safe only with a budget of attempts, and only while
the digest cannot be searched: it is keyed by the token of the challenge, of which the server keeps but a digest. Who
reads the store alone finds no code in it.
"""

from datetime import timedelta

from plexe_auth.secret import Secret, digest, in_bytes, random_text

# NIST SP 800-63B-4, section 3.1.3.2, and ASVS 6.5.5: at most ten minutes.
LIFE = timedelta(minutes=10)

_LENGTH = 8
_DIGITS = "0123456789"
_LONGEST = 32
_LEFT_OUT = str.maketrans("", "", " -")


def new_code() -> Secret:
    """Return a new code of eight digits, such as ``04817263``."""
    return Secret(random_text(_LENGTH, _DIGITS))


def canonical(text: object) -> str | None:
    """Return the eight digits of a code that was typed so or so, or ``None`` if it is none.

    Spaces and dashes do not count, wherever they stand. Whatever else is in it, and digits other than ASCII's: it is
    no code. More than 32 characters are not looked at.

    Example:
        >>> canonical("0481 7263")
        '04817263'
        >>> canonical("4817263") is None
        True
    """
    if not isinstance(text, str) or len(text) > _LONGEST or not text.isascii():
        return None
    code = text.translate(_LEFT_OUT)
    return code if len(code) == _LENGTH and code.isdigit() else None


def code_digest(holder: Secret, purpose: str, challenge_id: str, code: str) -> bytes:
    """Return what is kept of a canonical code: HMAC-SHA-256, under what only the challenged one holds.

    Args:
        holder: the token of the challenge, or of the session, that was given out and is sent back with the code.
        purpose: what the code is good for. It fits no other.
        challenge_id: what the code answers. It fits no other.
        code: what `canonical` returned.
    """
    parts = [in_bytes(part) for part in ("plexe_auth mail code", purpose, challenge_id, code)]
    framed = b"".join(len(part).to_bytes(4) + part for part in parts)  # no two lists of parts look alike
    return digest(framed, in_bytes(holder.reveal()))
