"""The command ``plexe-auth``: 0 when it is done, 1 when it was refused, 2 when it was called in a wrong way."""

import sys


def main() -> None:
    """Run the command with the arguments of this process, and end it."""
    try:
        from plexe_auth.cli.commands import plexe_auth  # click, which is an extra
    except ModuleNotFoundError as missing:
        sys.exit(_without(missing))
    plexe_auth(prog_name="plexe-auth")


def _without(missing: ModuleNotFoundError) -> int:
    if missing.name != "click":
        raise missing
    print("plexe-auth: click is not installed; pip install 'plexe-auth[cli]'", file=sys.stderr)
    return 2
