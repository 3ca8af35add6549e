"""A vault seals the secrets that we must read again, such as those of TOTP, so that the store alone gives none away.

AES-256-GCM (NIST SP 800-38D) under a key derived by HKDF-SHA-256 (RFC 5869) from one of ``secret_keys`` and the
vault's purpose. What is sealed names its key, so that older keys still open and new writes use the newest; and it is
bound to the row that it was sealed for, so that it opens in no other.

    one byte, the form · 8 bytes, the key's name · 12 bytes, the nonce · the ciphertext · 16 bytes, the tag
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from plexe_auth.errors import ConfigurationError, Unavailable
from plexe_auth.model.keyring import keyring
from plexe_auth.secret import Secret, in_bytes, random_bytes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORM = b"\x01"
_NAME = 8
_NONCE = 12
_TAG = 16
_HEAD = len(_FORM) + _NAME


class Vault:
    """Seals secrets for one purpose, and opens them again.

    A nonce is 96 random bits: one key seals 2³² secrets before two might share one (NIST SP 800-38D, section 8.3).

    Args:
        secret_keys: as in `Settings`, newest first.
        purpose: what the secrets are for, such as ``"totp"``. What is sealed for one purpose opens for no other.

    Raises:
        ConfigurationError: there is no key, or one that is too weak; or ``plexe-auth[mfa]`` is not installed.

    Example:
        >>> vault = Vault(["xMv0kq3dTz-8Rw5uYc1fBn7s"], "totp")
        >>> sealed = vault.seal(Secret("open sesame"), "user_7", "factor_1")
        >>> vault.open(sealed, "user_7", "factor_1").reveal()
        'open sesame'
    """

    def __init__(self, secret_keys: Iterable[str | bytes], purpose: str) -> None:
        try:
            self._ciphers = dict(_cipher(key, purpose) for key in keyring(secret_keys))
        except ModuleNotFoundError as error:
            message = f"{error.name} is not installed; install plexe-auth[mfa] to keep secrets encrypted"
            raise ConfigurationError(message) from None
        self._newest = next(iter(self._ciphers))

    def seal(self, secret: Secret, *row: str) -> bytes:
        """Return the secret as it may be stored, bound to `row`: whatever names the row, such as user and factor."""
        head = _FORM + self._newest
        nonce = random_bytes(_NONCE)
        return head + nonce + self._ciphers[self._newest].encrypt(nonce, in_bytes(secret.reveal()), _bound(head, row))

    def open(self, sealed: object, *row: str) -> Secret:
        """Return the secret that `seal` was given, with the same `row`.

        Raises:
            Unavailable: it does not open: its key was removed, it was changed or cut, or it was sealed for another row
                or purpose. Nothing else is tried, and nobody is told which it was.
        """
        text = self._opened(sealed, row)
        if text is None:
            raise Unavailable("A stored secret does not open.")
        return Secret(text)

    def _opened(self, sealed: object, row: tuple[str, ...]) -> str | None:
        from cryptography.exceptions import InvalidTag

        if not isinstance(sealed, bytes) or len(sealed) < _HEAD + _NONCE + _TAG:
            return None
        head, nonce, rest = sealed[:_HEAD], sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :]
        cipher = self._ciphers.get(head[len(_FORM) :])
        if cipher is None:
            return None
        try:
            return cipher.decrypt(nonce, rest, _bound(head, row)).decode(errors="surrogatepass")
        except InvalidTag:
            return None


def _cipher(key: bytes, purpose: str) -> tuple[bytes, "AESGCM"]:
    """Return a key's name for one purpose, which tells nothing of the key, and what seals with it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    # One derivation gives both, so that no label can make one of them the other.
    derived = HKDF(SHA256(), length=32 + _NAME, salt=None, info=f"plexe_auth vault {purpose}".encode()).derive(key)
    return derived[32:], AESGCM(derived[:32])


def _bound(head: bytes, row: tuple[str, ...]) -> bytes:
    """Return what is authenticated but not encrypted: the form, the key's name and the row, each row in its own way."""
    parts = [in_bytes(part) for part in row]
    return head + b"".join(len(part).to_bytes(4) + part for part in parts)
