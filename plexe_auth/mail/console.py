"""For development: letters are written to a stream instead of being sent, one-time links and all."""

import sys
from typing import TextIO

from plexe_auth.model.letter import Letter


class ConsoleMailer:
    """Writes each letter to a stream. Not for production: whoever reads the stream can use the links.

    Args:
        stream: where to write; by default, standard error as it is at that time.

    Example:
        >>> import sys
        >>> ConsoleMailer(sys.stdout).send(Letter("ada@example.com", "Welcome", "Hello."))
        ---------- To: ada@example.com
        Subject: Welcome
        <BLANKLINE>
        Hello.
        ----------
    """

    at_once = True

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, letter: Letter, /) -> None:
        """Write `letter`, in one piece."""
        stream = sys.stderr if self._stream is None else self._stream
        body = letter.text.rstrip("\n")
        stream.write(f"---------- To: {letter.to}\nSubject: {letter.subject}\n\n{body}\n----------\n")
        stream.flush()
