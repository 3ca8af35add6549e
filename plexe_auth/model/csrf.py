"""A page may prove itself by a token as well, for browsers that say neither ``Origin`` nor ``Sec-Fetch-Site``.

It is derived from the session's own token, which no page can read: so nothing is stored, and it changes with each
sign-in. Each one is salted anew, so that a compressed page does not give it away (BREACH). What a browser says of
itself always counts for more.
"""

import hmac

from plexe_auth.secret import random_text, same
from plexe_auth.wire import Request

FIELD = "x-csrf-token"

_SALT = 22  # base62 characters: 130 random bits
_LENGTH = _SALT + 64


def csrf_token(session_token: str) -> str:
    """Return a token by which a page of a session proves itself, in the field ``x-csrf-token``.

    Args:
        session_token: the value of the session's cookie, as the page's request brought it.

    Example:
        >>> token = csrf_token("plx_session_…")
        >>> len(token), token == csrf_token("plx_session_…")
        (86, False)
    """
    salt = random_text(_SALT)
    return salt + _proof(session_token, salt)


def shows_token(request: Request, session_token: str) -> bool:
    """Tell whether a request brings one token of this session, and its browser does not say where it is from."""
    sent = request.fields
    values = sent.get(FIELD, [])
    if len(values) != 1 or sent.get("origin") or sent.get("sec-fetch-site"):
        return False
    text = values[0]
    if len(text) != _LENGTH or not text.isascii():
        return False
    salt, proof = text[:_SALT], text[_SALT:]
    return same(proof.encode(), _proof(session_token, salt).encode())


def _proof(session_token: str, salt: str) -> str:
    return hmac.digest(session_token.encode(), b"plexe_auth csrf\0" + salt.encode(), "sha256").hex()
