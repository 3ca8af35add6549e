"""Run one page, as `python -m tests.pages.run PAGE`, and tell the first block that does not do what the page says."""

import asyncio
import contextlib
import sys
import tempfile
import traceback
from pathlib import Path

from tests.pages.page import Page, WrongPage


def run(path: Path) -> int:
    """Run a page in a folder of its own; return 1 after telling the first block that fails."""
    here, text = path.absolute(), path.read_text()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(contextlib.chdir(folder))
        sys.path.insert(0, folder)
        page = Page(here, Path(folder), stack.enter_context(asyncio.Runner()))
        stack.callback(page.end)
        return tell(path, page, page.first_failure(text))


def tell(path: Path, page: Page, failure: tuple[int, BaseException] | None) -> int:
    if failure is None:
        return 0
    line, error = failure
    reason = str(error) if isinstance(error, WrongPage) else traced(error)
    printed = f"\nIt had printed:\n{page.printed}\n" if page.printed else ""
    sys.stdout.write(f"{path}:{line}: this block fails.\n\n{reason}\n{printed}")
    return 1


def traced(error: BaseException) -> str:
    """Return the traceback without our own frames: it begins in the page."""
    told = traceback.TracebackException.from_exception(error)
    ours = (str(Path(__file__).parent), asyncio.__path__[0])
    told.stack = traceback.StackSummary.from_list(
        [frame for frame in told.stack if not frame.filename.startswith(ours)]
    )
    return "".join(told.format())


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
