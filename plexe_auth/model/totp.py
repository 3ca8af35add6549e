"""A one-time password is six digits of a half minute, and a half minute is accepted once.

RFC 6238 with SHA-1, 6 digits and steps of 30 seconds: the only parameters that every authenticator app reads. SHA-1 is
no weakness here: HMAC does not lean on its resistance to collisions (RFC 6194, section 3.3).
"""

import base64
import hmac
from datetime import datetime, timedelta
from typing import TypeGuard
from urllib.parse import quote

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.instant import EPOCH
from plexe_auth.secret import Secret, random_text, same

STEP = timedelta(seconds=30)
DIGITS = 6

# A code is accepted one step early and one late (RFC 6238, section 5.2): clocks differ, and people type slowly.
_WINDOW = 1

# 32 of these are 160 bits, the length that RFC 4226 recommends (section 4, R6).
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET = 32

# In bytes: a QR code must stay one that a camera reads, and no e-mail address is longer (RFC 5321, section 4.5.3.1.3).
_LONGEST_ISSUER = 64
_LONGEST_ACCOUNT = 254


def new_secret() -> Secret:
    """Return 160 random bits in base32, as authenticator apps and people read them. Only the server makes secrets."""
    return Secret(random_text(_SECRET, _BASE32))


def uri(secret: Secret, issuer: str, account: str) -> Secret:
    """Return the ``otpauth://`` URI that an authenticator app reads from a QR code. It holds the secret, so it is one.

    The parameters that have one value for all are left out, as the form allows: a smaller picture is read more easily.

    Args:
        secret: what `new_secret` returned.
        issuer: the service's name, at most 64 bytes.
        account: whose account it is, such as the e-mail address, at most 254 bytes.

    Raises:
        InvalidRequest: a name is empty or too long, or holds a colon (which parts the two) or what is not printable.

    Source: https://github.com/google/google-authenticator/wiki/Key-Uri-Format

    Example:
        >>> uri(Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "Plexe", "ada@example.com").reveal()
        'otpauth://totp/Plexe:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Plexe'
    """
    by = _name("issuer", issuer, _LONGEST_ISSUER)
    whose = _name("account", account, _LONGEST_ACCOUNT)
    return Secret(f"otpauth://totp/{by}:{whose}?secret={secret.reveal()}&issuer={by}")


def matched_step(secret: Secret, code: object, now: datetime, last_step: int | None) -> int | None:
    """Return the step whose code this is, or ``None``. Who accepts the code stores the step, compare-and-set.

    The newest step that fits is returned, so that the same code never fits a second time (RFC 6238, section 5.2). How
    long it takes does not tell which step fits, nor how much of the code is right.

    Args:
        secret: what `new_secret` returned.
        code: what was sent. Exactly six ASCII digits can be right; nothing else is read as if it were.
        now: the server's time. Before 1970 no code is right.
        last_step: the step that was accepted last; neither it nor an older one is accepted, wherever the clock stands.

    Example:
        >>> from datetime import UTC, datetime
        >>> secret, now = Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC)
        >>> matched_step(secret, "005924", now, last_step=None)
        41152263
        >>> matched_step(secret, "005924", now, last_step=41152263) is None
        True
    """
    current = (now - EPOCH) // STEP
    if current < 0 or not _is_code(code):
        return None
    steps = range(max(0, current - _WINDOW), current + _WINDOW + 1)
    matched = [step for step, right in zip(steps, _codes(secret, steps), strict=True) if same(right, code.encode())]
    return max((step for step in matched if last_step is None or step > last_step), default=None)


def _is_code(code: object) -> TypeGuard[str]:
    return isinstance(code, str) and len(code) == DIGITS and code.isascii() and code.isdigit()


def _codes(secret: Secret, steps: range) -> list[bytes]:
    key = base64.b32decode(secret.reveal())
    return [_truncated(hmac.digest(key, step.to_bytes(8), "sha1")) for step in steps]


def _truncated(mac: bytes) -> bytes:
    """Return the digits of a MAC (RFC 4226, section 5.3)."""
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}".encode()


def _name(field: str, text: object, longest: int) -> str:
    # Not printable are also the signs that turn the direction of a text or have no width (S18).
    if not isinstance(text, str) or not text.isprintable() or ":" in text:
        raise InvalidRequest(f"{field} must be a printable text without a colon.", field=field)
    if not 1 <= len(text.encode()) <= longest:
        raise InvalidRequest(f"{field} must have 1 to {longest} bytes.", field=field)
    return quote(text, safe="")
