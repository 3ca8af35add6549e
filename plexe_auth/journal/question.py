"""What a process asks its storer, and what that answers: one line of JSON each, after one that says which store it is.

The first line may hold a password. It goes through nothing but the socket between the two.
"""

import json
from dataclasses import dataclass
from typing import Any

from plexe_auth.secret import Secret


@dataclass(frozen=True, slots=True)
class Opening:
    """By which URL the storer opens the database, and whether that can be done on an event loop only."""

    again: Secret
    on_a_loop: bool

    def line(self) -> bytes:
        """Return it as one line. Nobody else may see that."""
        return _line([self.again.reveal(), self.on_a_loop])


@dataclass(frozen=True, slots=True)
class Question:
    """Store these bytes of a file: lines of that writer, which come after so many `before` them."""

    writer: str
    before: int
    path: str
    start: int
    size: int

    def line(self) -> bytes:
        """Return it as one line."""
        return _line([self.writer, self.before, self.path, self.start, self.size])


@dataclass(frozen=True, slots=True)
class Answer:
    """So many lines are stored, or why none are: a wire code or a sentence; and what is to be logged, by level."""

    stored: int
    refused: str | None
    logs: tuple[tuple[int, str], ...]

    def line(self) -> bytes:
        """Return it as one line."""
        return _line([self.stored, self.refused, self.logs])


def read_opening(line: bytes) -> Opening:
    """Return what `Opening.line` has made a line of."""
    url, on_a_loop = json.loads(line)
    return Opening(Secret(url), on_a_loop)


def read_question(line: bytes) -> Question:
    """Return what `Question.line` has made a line of."""
    return Question(*json.loads(line))


def read_answer(line: bytes) -> Answer:
    """Return what `Answer.line` has made a line of.

    Raises:
        ValueError, TypeError: it is something else.
    """
    stored, refused, logs = json.loads(line)
    return Answer(int(stored), refused, tuple((int(level), str(text)) for level, text in logs))


def _line(values: list[Any]) -> bytes:
    return json.dumps(values).encode("ascii") + b"\n"
