"""Draw the tour as a picture for the documentation.   python -m examples.demo.picture docs/images/demo.svg"""

import sys
from html import escape
from pathlib import Path

from examples.demo.screen import Screen, Span, Style
from examples.demo.show import show

_COLOURS: dict[Style, str] = {
    "plain": "#d6deeb",
    "bold": "#ffffff",
    "dim": "#7f8c98",
    "good": "#7ec699",
    "bad": "#f2777a",
    "key": "#6fb3d2",
}
_MARGIN, _LINE, _LETTER = 24, 20, 8.43  # of 14 pixel monospace


class Paper(Screen):
    """A screen that keeps its lines."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        self.lines: list[list[Span]] = []

    def line(self, *spans: Span | str) -> None:
        """Keep one line."""
        self.lines.append([Span(span) if isinstance(span, str) else span for span in spans])


def picture(lines: list[list[Span]]) -> str:
    """Return the lines as SVG."""
    width = 2 * _MARGIN + round(_LETTER * max(sum(len(span.text) for span in line) for line in lines))
    height = 2 * _MARGIN + _LINE * len(lines)
    drawn = "\n".join(_drawn(line, _MARGIN + _LINE * number) for number, line in enumerate(lines, 1) if line)
    styles = "\n".join(f".{style} {{ fill: {colour} }}" for style, colour in _COLOURS.items())
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">
<title>The tour that the demo gives</title>
<style>
text {{ font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }}
.bold {{ font-weight: bold }}
{styles}
</style>
<rect width="{width}" height="{height}" rx="10" fill="#1d2433"/>
{drawn}
</svg>
"""


def _drawn(line: list[Span], y: int) -> str:
    spans = "".join(f'<tspan class="{span.style}">{escape(span.text)}</tspan>' for span in line)
    return f'<text x="{_MARGIN}" y="{y}" xml:space="preserve">{spans}</text>'


def main() -> int:
    """Give the tour and draw it into the file that is named."""
    file, paper = Path(sys.argv[1]), Paper()
    if not show(paper, once=True):
        return 1
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(picture(paper.lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
