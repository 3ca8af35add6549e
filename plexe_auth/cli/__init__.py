"""The command ``plexe-auth``: 0 when it is done, 1 when it was refused, 2 when it was called in a wrong way."""

import io
import os
import sys
from typing import Any, cast

_EXTRAS = {"click": "cli", "rich": "cli"}
_INTERRUPTED, _PIPE_BROKEN = 130, 141  # as a shell tells of SIGINT and SIGPIPE


def main() -> None:
    """Run the command with the arguments of this process, and end it."""
    try:
        from plexe_auth.cli.commands import run  # click and rich, which are an extra
    except ModuleNotFoundError as missing:
        sys.exit(_without(missing))
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    out = cast("io.TextIOWrapper[Any]", sys.stdout)
    out.reconfigure(errors="backslashreplace")  # a terminal that lacks a letter ends no command
    try:
        code = run()
        out.flush()
    except KeyboardInterrupt:
        code = _INTERRUPTED
    except BrokenPipeError:
        # Whoever read us has gone. What is still buffered goes nowhere, or Python would complain of it at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        code = _PIPE_BROKEN
    sys.exit(code)


def _without(missing: ModuleNotFoundError) -> int:
    if missing.name not in _EXTRAS:
        raise missing
    told = f"plexe-auth: {missing.name} is not installed; pip install 'plexe-auth[{_EXTRAS[missing.name]}]'"
    print(told, file=sys.stderr)
    return 2
