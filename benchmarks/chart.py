"""The ratios that have a goal as a bar chart in SVG, readable on a light page and on a dark one."""

from collections.abc import Iterable
from html import escape

from benchmarks.finding import Finding, Ratio

_ROW, _LEFT, _SCALE = 44, 20, 220
_LONGEST = 2.5
_LEGEND = "Bars: how many times as long. Upright lines: the goal."
_STYLE = """
  .card { fill: #ffffff; stroke: #d3dae3 }
  text { font: 13px system-ui, sans-serif; fill: #1f2430 }
  .small { font-size: 12px; fill: #5b6472 }
  .bar { fill: #2f7d6d } .over { fill: #b3452f } .goal { stroke: #1f2430; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #171c24; stroke: #39424f }
    text { fill: #e6e9ef } .small { fill: #a3acba }
    .bar { fill: #57b8a2 } .over { fill: #e8836d } .goal { stroke: #e6e9ef }
  }
"""


def chart(findings: Iterable[Finding]) -> str:
    """Return the picture."""
    judged = [(one.title, ratio) for one in findings for ratio in one.ratios if ratio.goal is not None]
    rows = "".join(_row(place, title, ratio) for place, (title, ratio) in enumerate(judged))
    height = _ROW * len(judged) + 34
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 {height}" width="640" role="img">\n'
        f"<title>Measured ratios beside their goals</title>\n<style>{_STYLE}</style>\n"
        f'<rect class="card" x="0.5" y="0.5" width="639" height="{height - 1}" rx="10"/>\n{rows}'
        f'<text class="small" x="{_LEFT}" y="{height - 8}">{_LEGEND}</text>\n'
        "</svg>\n"
    )


def _row(place: int, title: str, ratio: Ratio) -> str:
    top, goal = place * _ROW + 8, ratio.goal or 0
    colour = "bar" if ratio.value <= goal else "over"
    end, width = _LEFT + goal * _SCALE, min(ratio.value, _LONGEST) * _SCALE
    return (
        f'<text class="small" x="{_LEFT}" y="{top + 10}">{escape(title)}: {escape(ratio.name)}</text>\n'
        f'<rect class="{colour}" x="{_LEFT}" y="{top + 16}" width="{width:.0f}" height="14" rx="2"/>\n'
        f'<line class="goal" x1="{end:.0f}" x2="{end:.0f}" y1="{top + 13}" y2="{top + 33}"/>\n'
        f'<text x="{_LEFT + _LONGEST * _SCALE + 14:.0f}" y="{top + 28}">{ratio.value:.2f}</text>\n'
    )
