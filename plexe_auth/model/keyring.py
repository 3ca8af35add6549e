"""A keyring holds what we sign and encrypt with, newest first: at least one key, none short, none from an example."""

from collections.abc import Iterable
from typing import TypeGuard

from plexe_auth.errors import ConfigurationError
from plexe_auth.secret import in_bytes

_LEAST_BYTES = 16

# What templates and tutorials put where a secret belongs (CVE-2019-5885 and its many like).
_EXAMPLES = (b"changeme", b"changethis", b"example", b"insecure", b"placeholder", b"replaceme", b"yoursecret")


def keyring(secret_keys: Iterable[str | bytes]) -> tuple[bytes, ...]:
    """Return the keys as bytes, newest first.

    Raises:
        ConfigurationError: there is none, or one of them is too short, is nothing but NUL, or stands in an example. One
            that repeats itself passes: tests are full of such keys, and no count of letters tells chance from a habit.

    Example:
        >>> keyring(["xMv0kq3dTz-8Rw5uYc1fBn7s"])
        (b'xMv0kq3dTz-8Rw5uYc1fBn7s',)
    """
    given = () if isinstance(secret_keys, str | bytes) else tuple(secret_keys)
    if not given:
        raise ConfigurationError(
            "secret_keys is empty, and something must be signed or encrypted; give it a text such as the one that"
            ' python -c "import secrets; print(secrets.token_urlsafe(32))" prints'
        )
    if not all(map(_is_strong, given)):
        raise ConfigurationError(
            f"each of secret_keys must be random and have at least {_LEAST_BYTES} bytes; one is short, is nothing"
            " but NUL, or was taken from an example"
        )
    return tuple(map(in_bytes, given))


def _is_strong(key: object) -> TypeGuard[str | bytes]:
    if not isinstance(key, str | bytes):
        return False
    data = in_bytes(key)
    plain = bytes(byte for byte in data.lower() if byte not in b" -_.")
    return len(data) >= _LEAST_BYTES and any(data) and not any(example in plain for example in _EXAMPLES)
