"""`bcrypt` sees no more than 72 bytes of a password; a longer one matches nothing.

passlib's own reader of bcrypt does not work with bcrypt 5, so it is asked directly.
"""

import functools
from collections.abc import Callable

from plexe_auth.errors import ConfigurationError

_SEEN = 72


def bcrypt_matches(password: bytes, stored: str) -> bool:
    """Tell whether a well-formed bcrypt hash is that of the password, and of no other that begins like it.

    Raises:
        ConfigurationError: bcrypt is not installed.
    """
    if len(password) > _SEEN:
        return False
    return _checkpw()(password, stored.encode())


def must_have_bcrypt() -> None:
    """Refuse what needs bcrypt where it is not installed.

    Raises:
        ConfigurationError: it is not.
    """
    _checkpw()


@functools.cache
def _checkpw() -> Callable[[bytes, bytes], bool]:
    try:
        from bcrypt import checkpw
    except ModuleNotFoundError:
        raise ConfigurationError(
            "bcrypt is not installed; install plexe-auth[bcrypt] to read the hashes that you imported"
        ) from None
    return checkpw
