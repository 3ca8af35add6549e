"""One page that is being run: its folder, its namespace, its event loop, and what its last block printed."""

import ast
import asyncio
import contextlib
import doctest
import inspect
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.pages.blocks import Block, blocks

SHOWN = {"text", "http", "ini"}
FORBIDDEN = {"{code-block}", "{code}", "{code-cell}", "{doctest}", "{literalinclude}"}
SECONDS = 120


class WrongPage(Exception):
    """A page that does not do what it says; the message is all there is to know."""


class Page:
    """A page, and all that its blocks share."""

    def __init__(self, path: Path, folder: Path, loop: asyncio.Runner) -> None:
        self.path = path
        self.folder = folder
        self.loop = loop
        self.namespace: dict[str, Any] = {"__name__": "page"}
        self.printed = ""
        self.left_running: list[int] = []

    def first_failure(self, text: str) -> tuple[int, BaseException] | None:
        """Run the blocks of `text` until one fails, and return its line and its error."""
        for block in blocks(text):
            try:
                self.run(block)
            except (Exception, SystemExit) as error:
                return block.line, error
        return None

    def run(self, block: Block) -> None:
        """Do with a block what its remark, or else its language, asks for."""
        remarks: dict[str | None, Callable[[Block], None]] = {
            "file": self.write,
            "output": self.compare,
            "not run": look_at,
        }
        remarks.get(block.remark, self.evaluate)(block)

    def evaluate(self, block: Block) -> None:
        runners: dict[str, Callable[[Block], None]] = {"python": self.python, "pycon": self.pycon, "sh": self.sh}
        self.printed = ""
        if not is_directive(block.language):
            runners.get(block.language, look_at)(block)

    def write(self, block: Block) -> None:
        look_at(block)
        file = self.folder / block.argument
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.source)

    def compare(self, block: Block) -> None:
        """Hold what the last block printed against what the page shows; white space at the ends does not count."""
        shown, printed = block.source.strip() + "\n", self.printed.strip() + "\n"
        if not doctest.OutputChecker().check_output(shown.replace("…", "..."), printed, doctest.ELLIPSIS):
            raise WrongPage(f"The page shows:\n{shown}")

    def python(self, block: Block) -> None:
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                outcome = eval(self.compiled(block), self.namespace)
                if inspect.iscoroutine(outcome):
                    self.loop.run(outcome)
        finally:
            self.printed = printed.getvalue()

    def compiled(self, block: Block) -> Any:
        """Return the code with the page's own line numbers, so that a traceback leads into the page."""
        source = "\n" * block.line + block.source
        return compile(source, str(self.path), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)

    def pycon(self, block: Block) -> None:
        parser, report = doctest.DocTestParser(), io.StringIO()
        session = parser.get_doctest(block.source, {}, self.path.name, str(self.path), block.line)
        session.globs = self.namespace  # no copy: later blocks go on with what it made
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.FAIL_FAST)
        if not session.examples or runner.run(session, out=report.write, clear_globs=False).failed:
            raise WrongPage(report.getvalue() or "An interactive session without a prompt.")

    def sh(self, block: Block) -> None:
        with tempfile.TemporaryFile("w+") as output:
            shell = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", block.source],
                cwd=self.folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self.left_running.append(shell.pid)
            code = shell.wait(SECONDS)
            output.seek(0)
            self.printed = output.read()
        if code:
            raise WrongPage(f"bash ended with {code}.")

    def end(self) -> None:
        """Stop what `sh` blocks left running in the background."""
        for group in self.left_running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


def environment() -> dict[str, str]:
    """Return the environment of a reader who has activated the virtual environment."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path}


def look_at(block: Block) -> None:
    """Look at the syntax of a block without running it."""
    readers: dict[str, Callable[[str], object]] = {
        "python": lambda source: compile(source, "page", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT),
        "json": json.loads,
        "toml": tomllib.loads,
        "sh": lambda source: subprocess.run(["bash", "-n", "-c", source], check=True, timeout=SECONDS),
    }
    if block.language in readers:
        readers[block.language](block.source)
    elif block.language not in SHOWN:
        raise WrongPage(f"No block is written in {block.language!r} here.")


def is_directive(language: str) -> bool:
    return language.startswith("{") and language.partition(" ")[0] not in FORBIDDEN
