"""JSON that somebody else wrote is read in one way or not at all: no member twice, no number that is none, no giant."""

import json
import math
from typing import Any, NoReturn, cast

_Members = list[tuple[str, Any]]


def read_object(data: str | bytes, longest: int) -> dict[str, Any]:
    """Return the JSON object (RFC 8259) that `data` holds.

    Two parsers may disagree on which of two members of one name counts; that is how a token comes to say one thing to
    who checks it and another to who uses it (RFC 8725, section 2.4).

    Raises:
        ValueError: it is longer than `longest`, is no JSON in UTF-8, is no object, has a member twice, is nested beyond
            what the parser bears, or has a number that is not finite.

    Example:
        >>> read_object(b'{"sub": "7"}', 100)
        {'sub': '7'}
    """
    found = _read(data, longest)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return cast("dict[str, Any]", found)


def read_array(data: str | bytes, longest: int) -> list[Any]:
    """Return the JSON array that `data` holds, read as strictly as an object.

    Raises:
        ValueError: as for `read_object`.
    """
    found = _read(data, longest)
    if not isinstance(found, list):
        raise ValueError("no array")
    return cast("list[Any]", found)  # type: ignore[redundant-cast]  # not for pyright


def _read(data: str | bytes, longest: int) -> object:
    if len(data) > longest:
        raise ValueError("too long")
    text = data if isinstance(data, str) else data.decode()
    try:
        return json.loads(text, object_pairs_hook=_members, parse_float=_finite, parse_constant=_refused_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _members(members: _Members) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a member twice")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def _refused_constant(_text: str) -> NoReturn:
    raise ValueError("not finite")
