"""Long work shows at a terminal that it goes on, on standard error; everywhere else it says nothing."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TextIO

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from plexe_auth.cli.table import console

Advance = Callable[[int], None]


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Generator[Advance]:
    """Show a bar while the block lasts; what it gives is told of each bit that is done."""
    out = console(err=True)
    if quiet or not out.is_terminal:
        yield _silently
        return
    parts = (TextColumn(what), BarColumn(), TaskProgressColumn(show_speed=True), TextColumn("{task.completed:,}"))
    # The answer goes to standard output beside it, and must not be taken for a part of the bar.
    bar = Progress(
        *parts, TimeElapsedColumn(), console=out, transient=True, redirect_stdout=False, redirect_stderr=False
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda count: bar.update(task, advance=count)


class Counted:
    """A text stream that tells how many lines have gone into it."""

    def __init__(self, stream: TextIO, advance: Advance) -> None:
        self._stream = stream
        self._advance = advance

    def write(self, text: str) -> int:
        """Write the text, and tell of its lines."""
        written = self._stream.write(text)
        self._advance(text.count("\n"))
        return written


def _silently(_count: int) -> None:
    """Nobody looks."""
