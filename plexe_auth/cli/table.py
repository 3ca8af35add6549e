"""A table fits the terminal: what is least wanted is left out, what is longest is cut with …, and no line wraps.

Where the output is no terminal nothing is cut, unless ``COLUMNS`` says how wide it is: programs read whole values.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plexe_auth.cli.harmless import shown

_GAP = 2
_ENDLESS = 1_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: what stands above it.
        least: how narrow it may get; ``None`` where it is of no use when cut, as an id is.
        rank: where there is no room, the greatest is left out first; 0 stays in any case.
        right: whether it is set to the right, as numbers are.
    """

    title: str
    least: int | None = None
    rank: int = 0
    right: bool = False


def console(*, err: bool = False) -> Console:
    """Return what prints to this process's output: in colours on a terminal alone, and never under ``NO_COLOR``."""
    stream = sys.stderr if err else sys.stdout
    plain = bool(os.environ.get("NO_COLOR")) or not stream.isatty()
    return Console(
        file=stream,
        color_system=None if plain else "auto",
        force_terminal=stream.isatty(),
        width=room(stream.isatty()),
        highlight=False,
        markup=False,
        emoji=False,
    )


def room(terminal: bool) -> int | None:
    """Return how many characters a line may have; ``None`` leaves it to the terminal."""
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told):
        return int(told)
    return None if terminal else _ENDLESS


def table(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """Print rows of values, each harmless, under the titles of their columns."""
    out = console()
    cells = [list(map(shown, row)) for row in rows]
    natural = [max(cell_len(one) for one in (column.title, *texts)) for column, *texts in _upright(columns, cells)]
    least = [
        one if column.least is None else min(one, column.least) for column, one in zip(columns, natural, strict=True)
    ]
    kept = _kept(columns, least, out.width)
    widths = _fitted([natural[one] for one in kept], [least[one] for one in kept], out.width)
    made = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for one, width in zip(kept, widths, strict=True):
        justify: Literal["left", "right"] = "right" if columns[one].right else "left"
        made.add_column(columns[one].title, width=width, no_wrap=True, overflow="ellipsis", justify=justify)
    for row in cells:
        made.add_row(*(Text(row[one]) for one in kept))
    _print(out, made)


def fields(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one a line; what there is not is left out."""
    texts = ((name, shown(value)) for name, value in pairs)
    paragraphs((Text(name, style="bold"), Text(text)) for name, text in texts if text)


def paragraphs(rows: Iterable[Sequence[Text]]) -> None:
    """Print rows of harmless texts without titles; the last of each goes on below itself where it is long."""
    lines = list(rows)
    made = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, show_header=False)
    for place in range(len(lines[0]) if lines else 0):
        last = place == len(lines[0]) - 1
        made.add_column(no_wrap=not last, overflow="fold" if last else "ellipsis")
    for line in lines:
        made.add_row(*line)
    _print(console(), made)


def _print(out: Console, made: Table) -> None:
    with out.capture() as printed:
        out.print(made, crop=False)
    out.file.writelines(f"{line.rstrip()}\n" for line in printed.get().splitlines())


def _upright(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> list[tuple[Column, *tuple[str, ...]]]:
    return [(column, *(row[place] for row in cells)) for place, column in enumerate(columns)]


def _kept(columns: Sequence[Column], least: Sequence[int], width: int) -> list[int]:
    kept = list(range(len(columns)))
    while _whole([least[one] for one in kept]) > width:
        last = max(kept, key=lambda one: (columns[one].rank, one))
        if not columns[last].rank:
            break
        kept.remove(last)
    return kept


def _fitted(widths: list[int], least: Sequence[int], width: int) -> list[int]:
    """Take from the widest until all fit; from those that may not be cut as well, where nothing else is left."""
    while _whole(widths) > width and max(widths) > 1:
        may = [place for place, one in enumerate(widths) if one > least[place]] or range(len(widths))
        widths[max(may, key=widths.__getitem__)] -= 1
    return widths


def _whole(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)
