"""A signed value was made by us, for one purpose, a short while ago; it is readable, so it holds no secret.

``itsdangerous`` signs: HMAC-SHA-256 under a key that is derived from one of ours and the purpose. The newest key
signs, older ones are still read. A text that is not exactly one that we made is nothing, and no other decoder has a
look at it.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeGuard, cast

from plexe_auth.errors import ConfigurationError, InvalidRequest
from plexe_auth.model.instant import from_microseconds, to_microseconds
from plexe_auth.model.keyring import keyring

if TYPE_CHECKING:
    import itsdangerous

Scalar = str | int | bool | None
Signable = str | Mapping[str, Scalar]
Signed = str | dict[str, Scalar]

# A cookie, with its name and attributes, must stay below 4,096 bytes (RFC 6265, section 6.1).
LONGEST = 3_800

# How far the clock of the host that signed may be ahead of the one that reads.
_SKEW = timedelta(seconds=5)

# Base64url without padding, then a signature of 32 bytes whose unused bits are zero: each value has one text.
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]", re.ASCII)


class Signer:
    """Signs values for one purpose. A value of one purpose is nothing in every other.

    Args:
        secret_keys: as in `Settings`, newest first.
        purpose: what the values are for, such as ``"oauth state"``.

    Raises:
        ConfigurationError: there is no key, or one that is too weak; or there is no purpose.

    Example:
        >>> from datetime import UTC, datetime, timedelta
        >>> signer = Signer(["xMv0kq3dTz-8Rw5uYc1fBn7s"], "oauth state")
        >>> now = datetime(2026, 1, 1, tzinfo=UTC)
        >>> text = signer.sign({"next": "/keys"}, now)
        >>> signer.unsign(text, now, timedelta(minutes=10))
        {'next': '/keys'}
        >>> signer.unsign(text, now + timedelta(minutes=10), timedelta(minutes=10)) is None
        True
    """

    def __init__(self, secret_keys: Iterable[str | bytes], purpose: str) -> None:
        keys = keyring(secret_keys)
        if not purpose:
            raise ConfigurationError("a signer needs a purpose")
        self._signing = _signing(keys, purpose)

    def sign(self, value: Signable, now: datetime) -> str:
        """Return the text of a value that is signed at `now`: at most 3,800 ASCII characters, safe in URLs and cookies.

        Raises:
            InvalidRequest: it is neither a text nor a flat mapping of texts to texts, whole numbers, booleans and
                ``None``; or it is too long.
        """
        body = json.dumps([to_microseconds(now), _checked(value)], separators=(",", ":"))
        text = self._signing.sign(base64.urlsafe_b64encode(body.encode()).rstrip(b"=")).decode()
        if len(text) > LONGEST:
            raise InvalidRequest("The value is too long to be signed.")
        return text

    def unsign(self, text: object, now: datetime, max_age: timedelta) -> Signed | None:
        """Return the value, or ``None``: whatever is wrong with the text, nobody is told what.

        Args:
            text: what was sent. It is right in exactly one form; what is too long is not looked at.
            now: the server's time. What was signed later than that is refused, but for five seconds of grace.
            max_age: how long after it was signed a value is good. At exactly this age it no longer is.
        """
        if not isinstance(text, str) or len(text) > LONGEST or not _FORM.fullmatch(text):
            return None
        body = self._verified(text)
        if body is None:
            return None
        made, value = cast("tuple[int, Signed]", json.loads(base64.urlsafe_b64decode(body + b"===")))
        age = now - from_microseconds(made)
        return value if age >= -_SKEW and max(age, timedelta(0)) < max_age else None

    def _verified(self, text: str) -> bytes | None:
        from itsdangerous import BadSignature

        try:
            return self._signing.unsign(text)
        except BadSignature:
            return None


def _signing(keys: tuple[bytes, ...], purpose: str) -> "itsdangerous.Signer":
    from itsdangerous import Signer

    # It wants the newest last. Its own defaults are SHA-1 and a derivation that only concatenates.
    salt = f"plexe_auth {purpose}"
    return Signer(list(reversed(keys)), salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)


def _checked(value: object) -> Signed:
    """Return a value that JSON gives back just as it was."""
    if isinstance(value, str):
        return value
    if not _is_flat(value):
        raise InvalidRequest("Only a text, or a flat mapping of texts to plain values, can be signed.")
    return dict(value)


def _is_flat(value: object) -> TypeGuard[Mapping[str, Scalar]]:
    members = cast("Mapping[object, object]", value)
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and _is_scalar(member) for name, member in members.items()
    )


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str) or (isinstance(value, int) and abs(value) < 2**63)
