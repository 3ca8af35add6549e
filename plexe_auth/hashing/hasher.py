"""A password is hashed, or compared with a stored hash, in the same work whatever is stored and whoever asks.

Each comparison computes exactly one hash of the current cost: that of the stored hash, or, where there is none, it
cannot be read, or it is of another scheme or cost, a new one, which is stored in its place if the password was right
and thrown away otherwise. So neither an unknown person nor one without a password is answered sooner (L01).

What a hash of another scheme or cost takes comes on top, until its owner signs in. Whoever imports users, or has
changed the parameters, gives one such hash as `older`: its work is then done for everybody, and time tells nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from plexe_auth.errors import ConfigurationError, InvalidRequest, Unavailable
from plexe_auth.hashing.argon2 import Argon2
from plexe_auth.hashing.parameters import Parameters
from plexe_auth.hashing.slots import CallersSlots, Slots
from plexe_auth.hashing.stored import Stored, read
from plexe_auth.model.password import as_hashed, may_be_password
from plexe_auth.secret import Secret, without_frames
from plexe_auth.storage.forking import forget_when_forked

T = TypeVar("T")

_log = logging.getLogger("plexe_auth")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a comparison. It has no truth of its own, as a forgotten ``.matches`` would let everybody in.

    Attributes:
        matches: the password is the one that the hash was made of.
        newer: what to store in place of the hash, because that is of another scheme or cost.
    """

    matches: bool
    newer: str | None = None

    def __bool__(self) -> NoReturn:
        raise TypeError("a Verdict is neither true nor false; ask its .matches")


_NO = Verdict(matches=False)


class Hasher:
    """Hashes passwords by Argon2id, and reads what `plexe_auth.hashing.stored.read` reads.

    Args:
        parameters: what a new hash costs.
        parallel: how many hashes may be computed at once; further callers wait.
        is_async: it is used on event loops. Else its coroutines never suspend, and the calling thread computes.
        older: a hash of the scheme or cost that some users still have, if some do.

    Raises:
        ConfigurationError: `parallel` is not at least 1, or `older` cannot be read or is of the current cost.

    Example:
        >>> from plexe_auth.bridge import finish
        >>> from plexe_auth.hashing.parameters import FOR_TESTS
        >>> hasher = Hasher(FOR_TESTS, parallel=2, is_async=False)
        >>> stored = finish(hasher.hash("correct horse battery"))
        >>> stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")
        True
        >>> finish(hasher.verified("correct horse battery", stored))
        Verdict(matches=True, newer=None)
        >>> finish(hasher.verified("correct horse battery", None))
        Verdict(matches=False, newer=None)
    """

    def __init__(self, parameters: Parameters, *, parallel: int, is_async: bool, older: str | None = None) -> None:
        if type(parallel) is not int or parallel < 1:
            raise ConfigurationError("parallel must be a whole number of at least 1")
        self._argon2 = Argon2(parameters)
        self._older = None if older is None else self._readable(older)
        self._slots: Slots = _slots(parallel, is_async=is_async)
        for forgetful in (self._argon2, self._slots):
            forget_when_forked(forgetful)

    async def hash(self, password: str) -> str:
        """Return what to store of a password that `plexe_auth.model.password.checked_password` has accepted.

        Raises:
            InvalidRequest: it may not be a password at all.
            Unavailable: there is not enough memory.
        """
        typed = _typed(password)
        del password  # it must not stand in the frame of whatever fails from here on
        if typed is None:
            raise InvalidRequest("password must be a text of 1 to 1024 bytes.", field="password")
        return await self._slots.run(_guarded(lambda: self._hashed(typed)))

    async def verified(self, password: object, stored: object) -> Verdict:
        """Return whether a password is the one that was stored.

        Args:
            password: what was typed, of any type and size; what may not be a password is a wrong one.
            stored: the hash that is kept; ``None`` where nobody of that name exists, or no password was set. What
                cannot be read matches nothing.

        Raises:
            Unavailable: there is not enough memory.
            ConfigurationError: the hash is bcrypt's, and bcrypt is not installed.
        """
        work = self._judging(_typed(password), stored)
        del password, stored
        return await self._slots.run(work)

    def reads(self, stored: object) -> bool:
        """Tell whether somebody with this hash could ever be let in. Nothing is computed.

        Raises:
            ConfigurationError: it is bcrypt's, and bcrypt is not installed.

        Example:
            >>> from plexe_auth.hashing.parameters import FOR_TESTS
            >>> hasher = Hasher(FOR_TESTS, parallel=1, is_async=False)
            >>> hasher.reads("md5$salt$0123456789abcdef0123456789abcdef")
            False
        """
        return read(stored) is not None

    async def close(self) -> None:
        """Let the threads go, when what was begun has ended."""
        await self._slots.close()

    def _judging(self, typed: Secret | None, stored: object) -> Callable[[], Verdict]:
        return _guarded(lambda: self._judged(typed, read(stored)))

    def _judged(self, typed: Secret | None, kept: Stored | None) -> Verdict:
        password = typed or Secret("")
        if kept is not None and kept.parameters == self._argon2.parameters:
            self._matches(password, self._older)
            matches = self._matches(password, kept)
            return Verdict(matches and typed is not None)
        matches = self._matches(password, kept or self._older)
        newer = self._hashed(password)
        return Verdict(matches=True, newer=newer) if matches and kept is not None and typed is not None else _NO

    def _hashed(self, password: Secret) -> str:
        return self._argon2.hashed(as_hashed(password.reveal()))

    def _matches(self, password: Secret, kept: Stored | None) -> bool:
        return kept is not None and kept.matches(self._argon2, password)

    def _readable(self, older: str) -> Stored:
        kept = read(older)
        if kept is None or kept.parameters == self._argon2.parameters:
            raise ConfigurationError("older_hash must be a hash that can be read, of another scheme or cost")
        return kept


def _slots(parallel: int, *, is_async: bool) -> Slots:
    if not is_async:
        return CallersSlots(parallel)
    from plexe_auth.hashing.threads import ThreadSlots  # blocking hosts need not load asyncio

    return ThreadSlots(parallel)


def _typed(password: object) -> Secret | None:
    return Secret(password) if may_be_password(password) else None


def _guarded(work: Callable[[], T]) -> Callable[[], T]:
    """Return `work`, whose failures tell nothing of the password and the hash that it had in hand."""

    def guarded() -> T:
        try:
            return work()
        except BaseException as error:
            if not isinstance(error, Exception) or isinstance(error, ConfigurationError):
                raise without_frames(error) from None
            kind = type(error).__name__
        _log.error("a password could not be hashed: %s", kind)
        raise Unavailable

    return guarded
