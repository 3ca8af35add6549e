"""A list is given in pages; the cursor to the next one is opaque, and holds nothing that the page does not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from plexe_auth.errors import InvalidRequest

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list.

    Attributes:
        items: the items, in the list's order.
        next: what to pass as ``after`` to get the page after this one, or ``None`` at the end.
    """

    items: tuple[T, ...]
    next: str | None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)


def checked_limit(limit: object, most: int) -> int:
    """Return `limit`.

    Raises:
        InvalidRequest: it is no whole number from 1 to `most`.
    """
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= most:
        raise InvalidRequest(f"limit must be a whole number from 1 to {most}.", field="limit")
    return limit


def cursor(instant: int, row_id: str) -> str:
    """Return the cursor that stands behind the row with this instant and id."""
    return f"{instant}.{row_id}"


def position(after: object) -> tuple[int, str] | None:
    """Return the instant and id that a cursor stands behind.

    Raises:
        InvalidRequest: it is no cursor of ours.
    """
    if after is None:
        return None
    found = re.fullmatch(r"(-?[0-9]{1,18})\.([a-z]+_[0-9A-Za-z]{22})", after) if isinstance(after, str) else None
    if found is None:
        raise InvalidRequest("after must be the next of an earlier page.", field="after")
    return int(found[1]), found[2]
