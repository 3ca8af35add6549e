"""Every example is run: those in docstrings, and every code block of README, CHANGELOG, SECURITY and docs.

How to write a page (Markdown; MyST's directives are let through). The blocks of a page are run from top to bottom, in
a process and an empty working folder of the page's own, with every warning an error:

- ``python``: run; all blocks of the page share one namespace, and ``await`` may stand at the top level (one event loop
  serves the whole page). ``__name__`` is not ``"__main__"``, so ``if __name__ == "__main__": app.run()`` may be shown.
- ``pycon``: an interactive session whose output must be just so; ``...`` stands for anything. Same namespace.
- ``sh``: run by bash, which stops at the first failure. What it leaves running in the background ends with the page.
- ``json``, ``toml``: must be readable. ``text``, ``http``, ``ini``: shown, nothing to run. ``{directive}``: MyST's own.
- Any other language, or none, is refused, and so are MyST's ``{code-block}``, ``{doctest}`` and ``{literalinclude}``.

A remark on the line above a block changes what becomes of it:

- ``<!-- file: app.py -->``: it is written to that file in the page's folder, where later blocks import or run it;
- ``<!-- output -->``: a ``text`` or ``json`` block with what the block before it printed; ``…`` stands for anything;
- ``<!-- not run: it installs from the network -->``: only its syntax is looked at. It needs a reason and is rare: for
  what installs, what never ends, and what needs another machine. No page has more than three.

A check that readers need not see, with ``python`` or ``sh``, and what a page needs before its first block::

    <!-- invisible-code-block: python
    assert principal.account_id == "acct_42"
    -->
"""

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import plexe_auth
from tests.pages.blocks import blocks

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page for pattern in ("*.md", "docs/**/*.md") for page in ROOT.glob(pattern) if "_build" not in page.parts
)
RUN_BY_ALEMBIC_ALONE = "plexe_auth.storage.migrations.env"
MODULES = sorted(
    {found.name for found in pkgutil.walk_packages(plexe_auth.__path__, "plexe_auth.")} - {RUN_BY_ALEMBIC_ALONE}
)
MOST_NOT_RUN = 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_a_page_runs_from_top_to_bottom(page: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.pages.run", str(page.relative_to(ROOT))]
    ended = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False
    )
    if ended.returncode:
        pytest.fail(ended.stdout + ended.stderr, pytrace=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_block_that_is_not_run_is_rare_and_says_why(page: Path) -> None:
    left_out = [block for block in blocks(page.read_text()) if block.remark == "not run"]
    assert len(left_out) <= MOST_NOT_RUN
    assert all(len(block.argument.split()) >= 3 for block in left_out), "say why in a few words"


@pytest.mark.parametrize("name", ["plexe_auth", *MODULES])
def test_every_example_in_a_docstring_gives_what_it_shows(name: str) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.FAIL_FAST)
    report: list[str] = []
    for example in doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name)):
        runner.run(example, out=report.append)
    if runner.failures:
        pytest.fail("".join(report), pytrace=False)
