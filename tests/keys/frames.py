"""Every local of every frame that an error has been through, however deep it lies, but for what a `Secret` hides."""

import traceback
from collections.abc import Iterator
from types import FrameType
from typing import Any

from plexe_auth import Secret

OURS = "/plexe_auth/"


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those that led to it, suppressed ones included."""
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        yield from chain(error.__context__ if error.__context__ is not error.__cause__ else None)


def frames(error: BaseException) -> Iterator[FrameType]:
    """Our own frames, and those of the libraries below us; not those of the tests."""
    for one in chain(error):
        for frame, _line in traceback.walk_tb(one.__traceback__):
            if "/tests/" not in frame.f_code.co_filename:
                yield frame


def ours(error: BaseException) -> Iterator[FrameType]:
    return (frame for frame in frames(error) if OURS in frame.f_code.co_filename)


def texts(value: Any, depth: int = 6) -> Iterator[str]:
    """Every text that a value leads to."""
    if isinstance(value, Secret) or depth == 0:
        return
    if isinstance(value, str | bytes | bytearray):
        yield value if isinstance(value, str) else bytes(value).decode("latin-1")
    elif isinstance(value, dict):
        yield from (text for item in (*value.keys(), *value.values()) for text in texts(item, depth - 1))
    elif type(value) in (list, tuple, set, frozenset):
        yield from (text for item in list(value) for text in texts(item, depth - 1))
    elif not isinstance(value, type) and not callable(value):
        yield repr(value)


def held_by(error: BaseException, found: Iterator[FrameType]) -> Iterator[str]:
    for frame in found:
        for name, value in frame.f_locals.items():
            yield from (f"{frame.f_code.co_qualname}.{name}: {text}" for text in texts(value))
    yield from (text for one in chain(error) for text in texts([one.args, str(one), repr(one)]))
