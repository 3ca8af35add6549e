"""A passkey signs for one user at one relying party; here stand the rules that need no cryptography.

W3C Web Authentication, level 3 (https://www.w3.org/TR/webauthn-3/), sections 7.1 and 7.2.
"""

import base64
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from plexe_auth.errors import ConfigurationError, InvalidRequest
from plexe_auth.model.text import checked
from plexe_auth.secret import digest, in_bytes, random_text, same

# How long a ceremony may take: W3C, section 15.1, recommends five to ten minutes where users are verified.
CEREMONY = timedelta(minutes=5)

LONGEST_NAME = 64
_CHALLENGE = 43  # base62 characters: 256 random bits; W3C, section 13.4.3, asks for 128

_ID = re.compile(r"localhost|(?=.{1,253}$)([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", re.ASCII)
_NAME = re.compile(r".{1,64}")
_ORIGIN = re.compile(r"(?:https://[a-z0-9.-]+|http://localhost)(?::[1-9][0-9]{0,4})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks for passkeys.

    Attributes:
        id: the domain that passkeys are bound to, such as ``example.com``; in lower case, international names in their
            ASCII form. It cannot be changed later without losing them all.
        name: what users know the service as.
        origins: the exact origins that our pages are served from, such as ``https://console.example.com``. Each is
            on the domain or below it, and on HTTPS, but for ``http://localhost``.

    Raises:
        ConfigurationError: one of them is not of this form.
    """

    id: str
    name: str
    origins: tuple[str, ...]

    def __post_init__(self) -> None:
        if not _fits(_ID, self.id):
            raise ConfigurationError("the id of a relying party is a domain in lower case, such as example.com")
        if not _fits(_NAME, self.name):
            raise ConfigurationError("a relying party needs a name of 1 to 64 characters")
        if not _is_filled(self.origins) or not all(map(self._serves, self.origins)):
            raise ConfigurationError(f"each origin of the relying party must be like https://{self.id}, or below it")

    def _serves(self, origin: str) -> bool:
        return is_origin(origin) and f".{urlsplit(origin).hostname}".endswith(f".{self.id}")


def is_origin(value: object) -> bool:
    """Tell whether `value` is an origin whose pages may use passkeys at all."""
    return _fits(_ORIGIN, value)


def _is_filled(value: object) -> bool:
    return isinstance(value, tuple) and value != ()


def _fits(form: re.Pattern[str], text: object) -> bool:
    return isinstance(text, str) and form.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Passkey:
    """What is kept of a passkey.

    Attributes:
        credential_id: what the authenticator calls it; no two passkeys of anybody may share one.
        public_key: in COSE form (RFC 9052).
        user_handle: whose it is, as the authenticator knows it.
        sign_count: the greatest count that was seen; 0 where the authenticator does not count.
        backup_eligible: whether it may leave its device. This never changes.
        backed_up: whether it has.
        transports: how browsers reach it, such as ``internal`` or ``usb``.
        aaguid: the model of the authenticator, where it tells.
    """

    credential_id: bytes
    public_key: bytes
    user_handle: bytes = field(repr=False)
    sign_count: int = 0
    backup_eligible: bool = False
    backed_up: bool = False
    transports: tuple[str, ...] = ()
    aaguid: str = ""


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a passkey said when its signature was good.

    Attributes:
        credential_id: which passkey it was.
        sign_count: its count now. Keep the greatest.
        backed_up: whether it is backed up now.
        regressed: whether the count did not grow although it should have: there may be a copy of the passkey.
    """

    credential_id: bytes
    sign_count: int
    backed_up: bool
    regressed: bool


def new_challenge() -> bytes:
    """Return a new challenge, 256 random bits: for one ceremony of one session, used up before its answer is judged."""
    return random_text(_CHALLENGE).encode()


def user_handle(user_id: str) -> bytes:
    """Return what authenticators call a user: 32 bytes that tell nothing of the person (W3C, section 14.6.1)."""
    return digest(b"plexe_auth passkey user\0" + in_bytes(user_id))


def checked_name(value: object) -> str:
    """Return the name that a user gives a passkey, exactly as given.

    Raises:
        InvalidRequest: it is no text of 1 to 64 printable characters, or blank. What turns the direction of a text, or
            has no width, is not printable. Markup is: who shows a name escapes it.
    """
    name = checked("name", value, LONGEST_NAME)
    if not name.isprintable() or name.isspace():
        raise InvalidRequest("name must be printable and not blank.", field="name")
    return name


def regressed(known: int, told: int) -> bool:
    """Tell whether a sign count did not grow although it should have (W3C, section 7.2, step 22).

    An authenticator that does not count says 0 for ever; that is no regression.
    """
    return (known > 0 or told > 0) and told <= known


def is_owner(passkey: Passkey, told: bytes | None, *, known: bool) -> bool:
    """Tell whether a response comes from the passkey's own user (W3C, section 7.2, step 6).

    Args:
        passkey: the one that signed.
        told: the user handle in the response, if it holds one.
        known: whether the user was known before the ceremony began. Else the handle is what says who it is, and must
            be there.
    """
    return known if told is None else same(passkey.user_handle, told)


def challenge_in(client_data: bytes) -> bytes:
    """Return which challenge a browser's client data answers, to look its ceremony up by.

    Raises:
        ValueError: it is no JSON, or names none.
    """
    data: Any = json.loads(client_data.decode())
    told: Any = cast("dict[str, object]", data).get("challenge") if isinstance(data, dict) else None
    if not isinstance(told, str):
        raise ValueError
    return base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))


def from_our_page(client_data: bytes, challenge: str) -> bool:
    """Tell whether a browser's client data has the very text of our challenge, and no other site's page around ours.

    Args:
        client_data: what the authenticator signed for, UTF-8 and JSON.
        challenge: in base64url without padding.
    """
    data: Any = json.loads(client_data.decode())
    if not isinstance(data, dict):
        return False
    told = cast("dict[str, object]", data)
    embedded = told.get("crossOrigin", False) is not False or "topOrigin" in told
    return told.get("challenge") == challenge and not embedded
