"""A terminal of a given width in which the command runs, and somebody who reads it and types."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ON_IT = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
PATIENCE = 60


class Terminal:
    """What is on the terminal so far is `seen`."""

    def __init__(self, master: int, process: "subprocess.Popen[bytes]") -> None:
        self._master = master
        self._process = process
        self.seen = ""

    def expect(self, text: str) -> None:
        """Read until `text` stands there once more."""
        before, deadline = self.seen.count(text), time.monotonic() + PATIENCE
        while self.seen.count(text) == before:
            assert time.monotonic() < deadline, self.seen
            assert self._read(), self.seen

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def wait_until_it_waits(self) -> None:
        """Return once the command sleeps, as it does when it waits for a key: a signal before that may find no read."""
        deadline = time.monotonic() + PATIENCE
        while Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "S":
            assert time.monotonic() < deadline

    def ended(self) -> int:
        """Read to the end, and return the exit code."""
        while self._read():
            pass
        return self._process.wait(PATIENCE)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], PATIENCE)
        try:
            said = os.read(self._master, 65_536) if ready else b""
        except OSError:  # Linux says so when nobody has the other side any longer
            said = b""
        self.seen += said.decode()
        return bool(said)


@contextmanager
def terminal(*arguments: str, columns: int = 60, **environ: str) -> Iterator[Terminal]:
    """Run ``plexe-auth`` on a terminal."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-c", ON_IT, sys.executable, "-m", "plexe_auth", *arguments]
    kept = {name: text for name, text in os.environ.items() if name not in {"COLUMNS", "NO_COLOR", "LINES"}}
    process = subprocess.Popen(
        command,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        env=kept | {"TERM": "xterm-256color"} | environ,
    )
    os.close(slave)
    try:
        yield Terminal(master, process)
    finally:
        process.kill()
        process.wait()
        os.close(master)
