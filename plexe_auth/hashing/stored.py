"""A stored hash is read by its form alone, and nothing is computed; one in no form that we know matches nothing."""

import functools
from collections.abc import Callable
from typing import NamedTuple

from plexe_auth.hashing.argon2 import Argon2, Kept, kept
from plexe_auth.hashing.foreign import Matches, foreign
from plexe_auth.hashing.parameters import Parameters
from plexe_auth.model.password import as_hashed
from plexe_auth.secret import Secret

_DJANGO = "argon2$argon2"  # its name for the scheme, then Argon2's own form without the first sign


class Stored(NamedTuple):
    """What is known of a stored hash.

    Attributes:
        matches: tells whether it is that of a password.
        parameters: its costs, where it is an Argon2id hash in our own form.
    """

    matches: Callable[[Argon2, Secret], bool]
    parameters: Parameters | None


def read(stored: object) -> Stored | None:
    """Return what is known of a hash in a form of ours or of `plexe_auth.hashing.foreign`, or ``None``.

    It tells a team that imports users which of their hashes will work.

    Example:
        >>> read("md5$salt$0123456789abcdef0123456789abcdef") is None
        True
    """
    if not isinstance(stored, str):
        return None
    if stored.startswith(_DJANGO):
        return _of_django(kept(stored[len("argon2") :]))
    if (ours := kept(stored)) is not None:
        return Stored(functools.partial(_matches_ours, ours), ours.parameters)
    if (theirs := foreign(stored)) is not None:
        return Stored(functools.partial(_matches_theirs, theirs), None)
    return None


def _of_django(inner: Kept | None) -> Stored | None:
    return None if inner is None else Stored(functools.partial(_matches_of_django, inner), None)


def _matches_ours(ours: Kept, argon2: Argon2, typed: Secret) -> bool:
    return argon2.matches(as_hashed(typed.reveal()), ours)


def _matches_of_django(inner: Kept, argon2: Argon2, typed: Secret) -> bool:
    return argon2.matches(typed.reveal().encode(), inner)  # as it was received, like all that others made


def _matches_theirs(theirs: Matches, _argon2: Argon2, typed: Secret) -> bool:
    """HMAC, and so PBKDF2 and scrypt, fills a short key up with NULs (RFC 2104); older bcrypts stop at one."""
    return "\0" not in typed.reveal() and theirs(typed)
