"""An entry as one line of text, for people and programs that read it: no entry can look like two, nor like a formula.

JSON Lines hold ASCII alone. CSV follows RFC 4180; whatever is not printable, and the backslash, is written as Python
would escape it, and a cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV
injection").
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Literal

from plexe_auth.model.entry import LogEntry

Format = Literal["jsonl", "csv"]

NAMES = tuple(field.name for field in fields(LogEntry))
_FORMULA = ("=", "+", "-", "@")  # a tab or a carriage return in front of one is escaped before


def _cells(entry: LogEntry) -> list[str | None]:
    values = (getattr(entry, name) for name in NAMES)
    return [value.isoformat() if isinstance(value, datetime) else value for value in values]


def _json(entry: LogEntry) -> str:
    return json.dumps(dict(zip(NAMES, _cells(entry), strict=True))) + "\n"


def _csv(entry: LogEntry) -> str:
    return ",".join(map(_cell, _cells(entry))) + "\r\n"


def _cell(value: str | None) -> str:
    text = printable(value or "")
    if text.lstrip(" ").startswith(_FORMULA):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(one in text for one in ',"') else text


def printable(text: str) -> str:
    """Return a text of one line that moves no cursor: whatever is not printable, and the backslash, is escaped."""
    return "".join(_escaped(one) if one == "\\" or not one.isprintable() else one for one in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


_RECORDS: Mapping[str, Callable[[LogEntry], str]] = {"jsonl": _json, "csv": _csv}
_HEADINGS: Mapping[str, str] = {"jsonl": "", "csv": ",".join(NAMES) + "\r\n"}
FORMATS = tuple(_RECORDS)


def heading(form: Format) -> str:
    """Return what stands before the first entry."""
    return _HEADINGS[form]


def record(entry: LogEntry, form: Format) -> str:
    """Return the line of an entry."""
    return _RECORDS[form](entry)
