"""The Console's cookies: ``__Host-``, ``Secure``, ``HttpOnly``, ``SameSite=Lax``; each holds one token and no state."""

from datetime import timedelta

from plexe_auth.model.challenge import LASTS
from plexe_auth.model.cookie import NAME, set_cookie
from plexe_auth.model.flow import LIFE
from plexe_auth.model.passkey import CEREMONY
from plexe_auth.secret import Secret
from plexe_auth.wire import Header

CHALLENGE = "__Host-plexe_challenge"
STATE = "__Host-plexe_state"
PASSKEY = "__Host-plexe_ceremony"

_LASTS = {CHALLENGE: LASTS, STATE: LIFE, PASSKEY: CEREMONY}


def handed(name: str, token: Secret) -> Header:
    """Return the header that hands a browser the token of something that is under way."""
    return "set-cookie", set_cookie(token.reveal(), _seconds(_LASTS[name]), name)


def handed_session(token: Secret, lasts: timedelta) -> Header:
    """Return the header that hands a browser its session."""
    return "set-cookie", set_cookie(token.reveal(), _seconds(lasts))


def taken(name: str = NAME) -> Header:
    """Return the header that takes a cookie away, by the same attributes; by default that of the session."""
    return "set-cookie", set_cookie("", 0, name)


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
