"""Keep one server, and end it with its folder once whoever asked for it is gone.

A program of its own, because a test run that is killed cannot tidy up: our standard input ends with it, and
that is the sign to go. Knows nothing of databases, and imports nothing but the standard library.

    python keeper.py FOLDER SIGNAL USER [[PROGRAM, ARGUMENT...]...]

The programs, in JSON, run one after the other; the last one is the server.
"""

import json
import os
import pwd
import select
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL
from typing import TypedDict

LOG = "server.log"
GRACE = 10.0
GLANCE = 0.05


class Identity(TypedDict, total=False):
    """Arguments of `subprocess` that say whom a program runs as."""

    user: str
    group: int
    extra_groups: tuple[int, ...]


def identity(user: str) -> Identity:
    """To run a program as `user`; as ourselves for an empty name."""
    if not user:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": ()}


def launch(folder: Path, user: str, command: list[str]) -> subprocess.Popen[bytes]:
    """Start a program that writes what it has to say to the folder's log."""
    with (folder / LOG).open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,  # its own, so that `end` reaches the children of a script
            **identity(user),
        )


def time_to_go(within: float) -> bool:
    """True once a byte or the end of our standard input has come.

    A byte, because a process that the asker forked may still hold the other end open.
    """
    ready, _, _ = select.select([sys.stdin], [], [], within)
    return bool(ready)


def end(program: subprocess.Popen[bytes], signal: int) -> None:
    program.send_signal(signal)
    try:
        program.wait(GRACE)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
    with suppress(ProcessLookupError):
        os.killpg(program.pid, SIGKILL)


def finish(program: subprocess.Popen[bytes], signal: int, folder: Path) -> bool:
    """True if the program ended well; ends it, its folder and ourselves when it is time to go."""
    while program.poll() is None:
        if time_to_go(within=GLANCE):
            end(program, signal)
            shutil.rmtree(folder, ignore_errors=True)
            sys.exit()
    return program.returncode == 0


def main(folder: Path, signal: int, user: str, commands: list[list[str]]) -> int:
    for command in commands:
        if not finish(launch(folder, user, command), signal, folder):
            break
    return 1  # it ended by itself: its folder stays, for the asker to read the log


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])))
