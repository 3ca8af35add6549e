"""What went wrong with a mail server, in words that hold nothing it said: it may have said an address back."""

import re
import ssl

from plexe_auth.errors import Undelivered

LACKS = "the server lacks what was asked for: STARTTLS, or a way to sign in"
BROKE_OFF = "the server broke off"

_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|\Z)")


def refused(what: str, code: int, said: str | bytes) -> Undelivered:
    """Return the error for a reply that is not the one hoped for.

    Args:
        what: what the server was asked: ``login``, ``recipient``.
        code: the code of its reply. It may be any number.
        said: the text of its reply, of which only an enhanced status code is kept (RFC 3463).
    """
    if not 400 <= code <= 599:
        return Undelivered(reason="the server does not keep to SMTP")
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else said
    found = _ENHANCED.match(text)
    more = f" {found[0]}" if found else ""
    return Undelivered(reason=f"the server refused the {what} ({code}{more})", temporary=code < 500)


def unreached(error: BaseException) -> Undelivered:
    """Return the error for what befell the line itself."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Undelivered(reason="the certificate of the server is not good")
    if isinstance(error, ssl.SSLError):
        return Undelivered(reason="no encryption could be agreed on with the server")
    if isinstance(error, TimeoutError):
        return Undelivered(reason="the server took too long")
    if isinstance(error, OSError):
        return Undelivered(reason="the server cannot be reached")
    return Undelivered(reason=f"the mailer failed ({type(error).__name__})")
