"""A rate is one or more windows, each a number of requests in a number of seconds; counting them happens elsewhere.

The grammar is that of ``limits``: ``100/minute``, ``10 per 5 seconds``, several parted by ``,``, ``;`` or ``|``.
"""

import functools
import re
from dataclasses import dataclass

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.text import checked

_SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3_600,
    "day": 86_400,
    "month": 2_592_000,
    "year": 31_104_000,
}
_LONGEST = 200
_LONGEST_WINDOW = 100 * _SECONDS["year"]


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count` requests in `seconds` seconds."""

    count: int
    seconds: int


@functools.lru_cache(maxsize=4096)
def windows(rate: str) -> tuple[Window, ...]:
    """Return the windows that a rate stands for.

    A month counts 30 days and a year 12 such months, as in ``limits``.

    Raises:
        InvalidRequest: the text does not follow the grammar, a number in it is zero or has more than nine digits, or a
            window is longer than a hundred years.

    Example:
        >>> windows("100/minute; 5000/day")
        (Window(count=100, seconds=60), Window(count=5000, seconds=86400))
    """
    return tuple(map(_window, re.split("[,;|]", rate)))


def _window(text: str) -> Window:
    found = _grammar().fullmatch(text)
    if found is None:
        raise InvalidRequest("A rate has the form 100/minute or 10 per 5 seconds.", field="rate")
    count, multiple = int(found["count"]), int(found["multiple"] or 1)
    if not count or not multiple:
        raise InvalidRequest("A rate's numbers are at least 1.", field="rate")
    seconds = multiple * _SECONDS[found["unit"].lower()]
    if seconds > _LONGEST_WINDOW:
        raise InvalidRequest("A rate's window is at most a hundred years.", field="rate")
    return Window(count, seconds)


@functools.cache
def _grammar() -> re.Pattern[str]:
    units = "|".join(_SECONDS)
    parts = rf"\s*(?P<count>[0-9]{{1,9}})\s*(?:/|per)\s*(?P<multiple>[0-9]{{1,9}})?\s*(?P<unit>{units})s?\s*"
    return re.compile(parts, re.IGNORECASE | re.ASCII)


def keeps(child: str, parent: str) -> bool:
    """Tell whether `child` has every window of `parent`, each with the same or a smaller number."""
    narrow = windows(child)
    return all(
        any(mine.seconds == theirs.seconds and mine.count <= theirs.count for mine in narrow)
        for theirs in windows(parent)
    )


def checked_rate(rate: str | None) -> str | None:
    """Return the rate as given.

    Raises:
        InvalidRequest: it does not follow the grammar.
    """
    if rate is not None:
        windows(checked("rate", rate, _LONGEST))
    return rate
