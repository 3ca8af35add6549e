"""An id is opaque, unique and sorts by the time it was made; it is no secret and opens nothing."""

import functools
import itertools
import time
from collections.abc import Iterator

from plexe_auth.secret import BASE62, random_text

_TIME_LENGTH = 11
_RANDOM_LENGTH = 11
_LENGTH = 1 + _TIME_LENGTH + _RANDOM_LENGTH  # without the kind


def new_id(kind: str) -> str:
    """Return a new id such as ``key_0AZk3…``: the kind, then 22 base62 characters, half time and half chance.

    Ids made later sort after ids made earlier (in nanoseconds, by the host's clock), so rows that were created at
    the same instant of a test's clock still have an order, and inserts stay at the end of an index.
    """
    return f"{kind}_{base62(time.time_ns(), _TIME_LENGTH)}{random_text(_RANDOM_LENGTH)}"


def is_id(kind: str, text: str) -> bool:
    """Tell whether `text` has the form of an id of that kind."""
    return text.startswith(f"{kind}_") and len(text) == len(kind) + _LENGTH


class RequestIds:
    """Gives names to requests: unique, and cheap enough for each of them."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """In a forked child: begin a series of our own."""
        self._series = new_id("req")
        self._numbers: Iterator[int] = itertools.count(1)

    def new(self) -> str:
        """Return a name that no other request has."""
        return f"{self._series}{next(self._numbers)}"


def base62(number: int, length: int) -> str:
    """Return `number` in base 62 with exactly `length` digits, the greatest place first."""
    two, digits = pairs(), ""
    while len(digits) < length:
        number, rest = divmod(number, 3844)
        digits = two[rest] + digits
    return digits[-length:]


@functools.cache
def pairs() -> list[str]:
    """Return every two digits of base 62, in order."""
    return [first + second for first in BASE62 for second in BASE62]
