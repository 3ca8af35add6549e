"""The command ``plexe-auth``: 0 when it is done, 1 when it was refused, 2 when it was called in a wrong way."""

import io
import sys
from typing import Any, cast

from plexe_auth.cli.pipe import silenced

_EXTRA = {"click", "rich"}
_INTERRUPTED = 130  # as a shell tells of SIGINT


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
        code = silenced()
    sys.exit(code)


def _without(missing: ModuleNotFoundError) -> int:
    package = str(missing.name).partition(".")[0]
    if package not in _EXTRA:
        raise missing
    print(f"plexe-auth: {package} is not installed; pip install 'plexe-auth[cli]'", file=sys.stderr)
    return 2
