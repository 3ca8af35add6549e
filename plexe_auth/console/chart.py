"""A chart of what was allowed and denied is a row of bars in whole pixels; who draws it knows no time."""

from collections.abc import Sequence
from typing import NamedTuple

_HEIGHT, _WIDTH, _FOOT = 120, 720, 18


class Bar(NamedTuple):
    """What there was in one span of time."""

    label: str
    allowed: int
    denied: int


class Drawn(NamedTuple):
    """A bar, where it stands: from its left, in whole pixels; what was denied stands on what was allowed."""

    bar: Bar
    x: int
    width: int
    allowed_y: int
    allowed_height: int
    denied_y: int
    denied_height: int
    is_told: bool


class Chart(NamedTuple):
    """All bars, and the size of it all."""

    bars: Sequence[Drawn]
    width: int
    height: int
    allowed: int
    denied: int


def bars(given: Sequence[Bar]) -> Chart:
    """Return where bars stand; the highest is as high as the chart.

    Example:
        >>> bars([Bar("00", 3, 1), Bar("01", 0, 0)]).bars[0].allowed_height
        90
    """
    most = max([one.allowed + one.denied for one in given], default=0)
    step = max(1, _WIDTH // max(1, len(given)))
    told, width = max(1, len(given) // 8), max(1, step - 2)
    drawn = [
        _drawn(one, number * step, width, most, number % told == 0)
        if one.allowed or one.denied
        else Drawn(one, number * step, width, _HEIGHT, 0, _HEIGHT, 0, number % told == 0)
        for number, one in enumerate(given)
    ]
    totals = sum([one.allowed for one in given]), sum([one.denied for one in given])
    return Chart(drawn, _WIDTH, _HEIGHT + _FOOT, *totals)


def _drawn(bar: Bar, x: int, width: int, most: int, is_told: bool) -> Drawn:
    allowed, denied = _pixels(bar.allowed, most), _pixels(bar.denied, most)
    top = max(0, _HEIGHT - allowed - denied)
    return Drawn(bar, x, width, top + denied, allowed, top, denied, is_told)


def _pixels(count: int, most: int) -> int:
    return 0 if count == 0 else max(1, count * _HEIGHT // most)
