"""Lines of the spool are read many at once, which takes a fraction of the time; only odd ones are read one by one.

A line that does not open its bracket tells the nanosecond: whoever is waited for need not divide.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from plexe_auth.model.entry import FIELDS, LATEST, OUTCOMES, Told, Values, read

_COUNT = len(FIELDS)
_LEAST = 3
_MOST_DIGITS = 24  # of an instant in nanoseconds: more than there are until the year 9999
_ABSENT = tuple((None,) * (_COUNT - count) for count in range(_COUNT + 1))
_LONGEST = tuple(FIELDS.values())[1:]
_OUTCOMES = set(OUTCOMES)
_TEXTS = {str, type(None)}
_encoded = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def told(lines: Sequence[bytes]) -> list[Told]:
    """Return what each line tells."""
    lines = [line if line.startswith(b"[") else microseconds(line) for line in lines]
    joined = b",".join(lines)
    if joined and _may_be_plain(joined) and b",null]," not in joined:
        return _plain(joined.decode(), [line.decode() for line in lines])
    plain = [line.decode() for line in lines if _may_be_plain(line)]
    found = iter(_plain(",".join(plain), plain))
    return [next(found) if _may_be_plain(line) else read(line) for line in lines]


def microseconds(line: bytes) -> bytes:
    """Return a line as it stands for its entry, which tells the microsecond."""
    instant, comma, rest = line.partition(b",")
    is_told = instant.isdigit() and len(instant) <= _MOST_DIGITS
    return b"[%d%b%b" % (int(instant) // 1000, comma, rest) if is_told else line


def _may_be_plain(line: bytes) -> bool:
    # What is not ASCII, NUL among it, is written as \u….
    return b"\\u" not in line and line.isascii() and not line.endswith(b",null]")


def _plain(joined: str, lines: list[str]) -> list[Told]:
    text = f"[{joined}]"
    try:
        found: Any = json.loads(text)
    except ValueError:
        return list(map(read, lines))
    # What is written again as it stood is what `canonical` will make of the row.
    if len(found) == len(lines) and _encoded(found) == text and set(map(type, found)) == {list}:
        values = [(*one, *_ABSENT[len(one)]) for one in found if _LEAST <= len(one) <= _COUNT]
        if len(values) == len(lines) and _are_sound(values):
            return list(zip(values, lines, strict=True))
    return list(map(read, lines))


def _are_sound(values: list[Values]) -> bool:
    """Tell whether every value is of its kind and fits; column by column, which is quicker than row by row."""
    instants, *texts = zip(*values, strict=True)
    if set(map(type, instants)) != {int} or not 0 <= min(instants) <= max(instants) <= LATEST:
        return False
    return all(map(_fits, texts, _LONGEST)) and None not in texts[0] and set(texts[1]) <= _OUTCOMES


def _fits(column: tuple[Any, ...], longest: int) -> bool:
    if not set(map(type, column)) <= _TEXTS:
        return False
    texts: Iterable[str] = filter(None, column)
    return max(map(len, texts), default=0) <= longest
