"""Totals of usage are added up in one pass, by the span that they are about or by their key."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from plexe_auth.model.usage import UsageTotal

K = TypeVar("K")


class Count(NamedTuple):
    """How many were allowed, and how many denied."""

    allowed: int = 0
    denied: int = 0


NONE = Count()


def counted(totals: Iterable[UsageTotal], by: Callable[[UsageTotal], K]) -> Mapping[K, Count]:
    """Return what there was for each value of `by`, in the order in which they come.

    Example:
        >>> from datetime import UTC, datetime
        >>> day = datetime(2026, 1, 31, tzinfo=UTC)
        >>> counted([UsageTotal("key_1", day, 3, 1), UsageTotal("key_2", day, 2, 0)], lambda one: one.start)[day]
        Count(allowed=5, denied=1)
    """
    found: dict[K, list[int]] = {}
    for one in totals:
        so_far = found.setdefault(by(one), [0, 0])
        so_far[0] += one.allowed
        so_far[1] += one.denied
    return {what: Count(*count) for what, count in found.items()}
