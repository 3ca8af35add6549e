"""Lines of styled text: in colour on a terminal, plain everywhere else."""

import io
import os
from typing import Literal, NamedTuple, TextIO

Style = Literal["plain", "bold", "dim", "good", "bad", "key"]

_ANSI: dict[Style, str] = {"plain": "", "bold": "1", "dim": "2", "good": "32", "bad": "31", "key": "36"}


class Span(NamedTuple):
    """Some text in one style."""

    text: str
    style: Style = "plain"


class Screen:
    """Where lines are written, each at once."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._colour = out.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        if isinstance(out, io.TextIOWrapper):
            out.reconfigure(errors="replace")  # a terminal that cannot show … is still to be served

    def line(self, *spans: Span | str) -> None:
        """Write one line."""
        styled = [Span(span) if isinstance(span, str) else span for span in spans]
        print("".join(map(self._drawn, styled)), file=self._out, flush=True)

    def _drawn(self, span: Span) -> str:
        code = _ANSI[span.style]
        return f"\x1b[{code}m{span.text}\x1b[0m" if self._colour and code else span.text
