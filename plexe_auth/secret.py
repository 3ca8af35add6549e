"""Secrets are random, kept as digests, compared in constant time, and never print themselves."""

import hashlib
import hmac
import os
from typing import ClassVar, Final, NoReturn, TypeVar

E = TypeVar("E", bound=BaseException)

BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Secret:
    """A text that shows itself only to who asks for it by `reveal`.

    ``repr``, ``str`` and ``format`` show ``…``; it can be neither pickled nor copied, so it does not slip into a cache,
    a queue or a log.

    Example:
        >>> secret = Secret("open sesame")
        >>> print(secret, repr(secret), f"{secret}")
        … Secret(…) …
        >>> secret.reveal()
        'open sesame'
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself. Hand it to its owner and to nobody else."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return "…"

    def __format__(self, _spec: str) -> str:
        return "…"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return same(in_bytes(self._text), in_bytes(other._text))

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # a hash would be a second, weaker way to compare

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret can be neither pickled nor copied")


def without_frames(error: E) -> E:
    """Return the error without the frames that it, and all that led to it, came through.

    What is told of a failure often includes what its frames held. Those of database drivers hold the password.
    """
    led: list[BaseException] = [error]
    for one in led:
        one.__traceback__ = None
        led += [more for more in (one.__cause__, one.__context__) if more is not None and more not in led]
    return error


def random_text(length: int, alphabet: str = BASE62) -> str:
    """Return `length` characters of an alphabet, each equally likely, from the system's random source.

    Every character of base 62 carries 5.95 bits. Bytes that would favour some characters are thrown away.
    """
    many = len(alphabet)
    unbiased = 256 - 256 % many
    text = ""
    while len(text) < length:
        text += "".join(alphabet[byte % many] for byte in os.urandom(length) if byte < unbiased)
    return text[:length]


def random_bytes(count: int) -> bytes:
    """Return `count` bytes from the system's random source."""
    return os.urandom(count)


def in_bytes(value: str | bytes) -> bytes:
    """Return a secret that was given as text or bytes as bytes, one for each text."""
    return value.encode(errors="surrogatepass") if isinstance(value, str) else value


def digest(data: bytes, pepper: bytes | None = None) -> bytes:
    """Return 32 bytes to keep in place of `data`: SHA-256, or HMAC-SHA-256 under a pepper (FIPS 180-4, RFC 2104)."""
    if pepper is None:
        return hashlib.sha256(data).digest()
    return hmac.digest(pepper, data, "sha256")


def chance() -> float:
    """Return a number from 0 to less than 1, each as likely."""
    return int.from_bytes(os.urandom(4)) / 2**32


def same(one: bytes, other: bytes) -> bool:
    """Tell whether two byte strings are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(one, other)
