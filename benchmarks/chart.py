"""Bar charts in SVG, readable on a light page and on a dark one: peers by what they take, goals by how they are met."""

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from benchmarks.finding import Bar, Finding, Ratio

_WIDTH, _LEFT, _PLOT, _ROW = 860, 420, 330, 22
_TOP, _BOTTOM = 40, 30
_BURDEN = 1.5  # where the bars of goals end
_STYLE = """
  .card { fill: #ffffff; stroke: #d3dae3 }
  text { font: 12px system-ui, sans-serif; fill: #1f2430 }
  .title { font-size: 14px; font-weight: 600 } .small { fill: #5b6472 } .right { text-anchor: end }
  .bar { fill: #a9b4c2 } .ours { fill: #2f7d6d } .over { fill: #b3452f }
  line { stroke: #1f2430; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #171c24; stroke: #39424f }
    text { fill: #e6e9ef } .small { fill: #a3acba }
    .bar { fill: #5b6675 } .ours { fill: #57b8a2 } .over { fill: #e8836d } line { stroke: #e6e9ef }
  }
"""


class _Drawn(NamedTuple):
    """One row: its words, the length of its bar from 0 to 1, its figure and where that stands, its colour, a mark."""

    words: str
    length: float
    figure: str
    beside: float
    colour: str
    mark: float | None = None


def race(findings: Iterable[Finding]) -> str:
    """Return the picture of what one verification takes, in floors, on a logarithmic scale."""
    bars = sorted((bar for one in findings for bar in one.bars), key=lambda bar: bar.value)
    longest = math.log10(max((bar.value for bar in bars), default=10.0))
    drawn = [_raced(bar, math.log10(bar.value) / longest) for bar in bars]
    return _picture("One verification, in multiples of SHA-256", "A logarithmic scale: shorter is faster.", drawn)


def goals(findings: Iterable[Finding]) -> str:
    """Return the picture of how much of each goal is used up; the upright line is the goal."""
    judged = [ratio for one in findings for ratio in one.ratios if ratio.goal is not None]
    bars = [_judged(one) for one in judged]
    place = _LEFT + _PLOT / _BURDEN
    line = f'<line x1="{place:.0f}" x2="{place:.0f}" y1="{_TOP - 6}" y2="{_TOP + _ROW * len(bars)}"/>\n'
    return _picture("Goals", "A bar that passes the line misses its goal. A tick is the floor.", bars, line)


def _picture(title: str, legend: str, bars: Sequence[_Drawn], over: str = "") -> str:
    height = _TOP + _ROW * len(bars) + _BOTTOM
    rows = "".join(_row(_TOP + place * _ROW, bar) for place, bar in enumerate(bars))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n"
        f'<rect class="card" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="10"/>\n'
        f'<text class="title" x="20" y="24">{escape(title)}</text>\n{rows}{over}'
        f'<text class="small" x="20" y="{height - 12}">{escape(legend)}</text>\n</svg>\n'
    )


def _row(top: int, bar: _Drawn) -> str:
    width = max(2.0, bar.length * _PLOT)
    return (
        f'<text class="right" x="{_LEFT - 10}" y="{top + 13}">{escape(_short(bar.words))}</text>\n'
        f'<rect class="{bar.colour}" x="{_LEFT}" y="{top + 2}" width="{width:.0f}" height="14" rx="2"/>\n'
        f'<text x="{_LEFT + max(width, bar.beside * _PLOT) + 8:.0f}" y="{top + 13}">{escape(bar.figure)}</text>\n'
        f"{_tick(top, bar.mark)}"
    )


def _tick(top: int, mark: float | None) -> str:
    if mark is None:
        return ""
    place = _LEFT + mark * _PLOT
    return f'<line x1="{place:.0f}" x2="{place:.0f}" y1="{top}" y2="{top + 18}"/>\n'


def _short(words: str, longest: int = 62) -> str:
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def _raced(bar: Bar, length: float) -> _Drawn:
    return _Drawn(bar.name, length, _figure(bar.value), length, "ours" if bar.is_ours else "bar")


def _judged(one: Ratio) -> _Drawn:
    length, floor = min(one.burden, _BURDEN) / _BURDEN, one.floors_burden
    mark = None if floor is None else min(floor, _BURDEN) / _BURDEN
    return _Drawn(one.name, length, f"{one.value:.2f} ({one.bound})", 1.0, "over" if one.is_missed else "ours", mark)
