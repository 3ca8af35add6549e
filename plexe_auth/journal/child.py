"""The storer as its parent sees it: a child process that is started at the first question and asked one at a time.

It sees the end of its input when we are gone, however we went. So no forked process may keep our end of the socket.
"""

import os
import socket
import subprocess
import sys
from contextlib import suppress

from plexe_auth.journal.question import Answer, Opening, Question, read_answer

_PROGRAM = ("-P", "-m", "plexe_auth.journal.storer")  # -P: modules are not looked for where we happen to stand
_PATIENCE = 120.0  # seconds; longer than a store that is locked or does not answer keeps anybody waiting
_AT_ONCE = 65536


class Gone(Exception):
    """There is no storer any more, or it could not be started; the text says in a word why, and holds no secret."""


class Child:
    """The storer of one process. Only one thread asks it."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: list[socket.socket] = []

    @property
    def pid(self) -> int | None:
        """The number of its process, while there is one."""
        return None if self._process is None else self._process.pid

    def ask(self, question: Question) -> Answer:
        """Return what it answers; it is started if need be.

        Raises:
            Gone: it does not answer, or not what it should.
        """
        try:
            if self._process is None:
                self._start()
            return self._answered(question)
        except (EOFError, ConnectionError):
            raise Gone(f"exit status {self.kill()}") from None
        except (OSError, ValueError, TypeError) as error:
            raise Gone(type(error).__name__) from None

    def _start(self) -> None:
        self._sockets = [*socket.socketpair()]  # kept from the first moment on, for whoever forks us meanwhile
        ours, theirs = self._sockets
        ours.settimeout(_PATIENCE)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own program
            [sys.executable or "", *_PROGRAM],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,  # what drivers print when they fall may hold what nobody should read
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},  # it finds what we find
            process_group=0,  # Ctrl-C is for us; in our session, where it can yield to us
        )
        theirs.close()
        ours.sendall(self._opening.line())

    def _answered(self, question: Question) -> Answer:
        ours = self._sockets[0]
        ours.sendall(question.line())
        heard = b""
        while not heard.endswith(b"\n"):
            more = ours.recv(_AT_ONCE)
            if not more:
                raise EOFError
            heard += more
        return read_answer(heard)

    def kill(self) -> int | None:
        """Have it end at once, and return its exit status."""
        status = None
        if self._process is not None:
            self._process.kill()
            status = self._process.wait()
        self._let_go()
        return status

    def close(self) -> None:
        """Have it end, as it does when nobody can ask any more, and wait for that."""
        if self._process is not None:
            with suppress(OSError):  # it may have gone by itself
                self._sockets[0].shutdown(socket.SHUT_WR)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE)
        self.kill()

    def forget(self) -> None:
        """In a forked child: it is the parent's, who goes on asking it and waits for its end."""
        if self._process is not None:
            self._process.returncode = 0  # else it would be looked for among our own children
        self._let_go()

    def _let_go(self) -> None:
        while self._sockets:
            self._sockets.pop().close()
        self._process = None
