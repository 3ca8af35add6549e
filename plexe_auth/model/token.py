"""A key's text has one exact ASCII form, carries its own checksum, and is kept only as a digest.

``plx_sk_``, then 40 base62 characters from the system's random source (238 bits), then 6 base62 characters with the
CRC-32 of all that precedes. The checksum lets a mistyped or made-up text be refused before anything is looked up; it
is no protection, the 238 bits are. For the same reason a fast digest is right here: there is nothing to
guess, and a slow one would be a lever for denial of service.
"""

import zlib
from typing import TypeGuard

from plexe_auth.identifier import base62
from plexe_auth.secret import Secret, digest, in_bytes, random_text

_RANDOM = 40
_CHECK = 6
_SHOWN = 4


class KeyFormat:
    """How keys look under one prefix."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.length: int = len(prefix) + _RANDOM + _CHECK

    def make(self) -> Secret:
        """Return a new key's text."""
        body = self.prefix + random_text(_RANDOM)
        return Secret(body + _checksum(body))

    def accepts(self, text: object) -> TypeGuard[str]:
        """Tell whether `text` has the exact form of a key. Its length is looked at first, and nothing is hashed."""
        return (
            isinstance(text, str)
            and len(text) == self.length
            and text.startswith(self.prefix)
            and text.isascii()
            and text[len(self.prefix) :].isalnum()
            and text.endswith(_checksum(text[:-_CHECK]))
        )

    def hint(self, secret: Secret) -> str:
        """Return what may always be shown of a key: the prefix, and the first and last four characters of the rest."""
        rest = secret.reveal()[len(self.prefix) :]
        return f"{self.prefix}{rest[:_SHOWN]}…{rest[-_SHOWN:]}"


def _checksum(body: str) -> str:
    return base62(zlib.crc32(body.encode()), _CHECK)


class KeyDigests:
    """What is kept of a key: its digest under the newest pepper; older peppers, and none, are still read."""

    def __init__(self, peppers: tuple[str | bytes, ...]) -> None:
        self._peppers: tuple[bytes | None, ...] = (*map(in_bytes, peppers), None)

    def newest(self, secret: Secret) -> bytes:
        """Return the digest to keep for a new key."""
        return digest(secret.reveal().encode(), self._peppers[0])

    def all(self, text: str) -> tuple[bytes, ...]:
        """Return every digest under which a key may be kept, newest pepper first."""
        data = text.encode()
        return tuple(digest(data, pepper) for pepper in self._peppers)
