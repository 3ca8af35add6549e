"""One entry is one line, whatever characters were sent; what is exported reads back, and no cell is a formula."""

import csv
import io
import json
import sys
from dataclasses import replace
from typing import Any

import pytest

from plexe_auth import InvalidRequest
from plexe_auth.model.entry import LogEntry
from plexe_auth.model.instant import from_microseconds
from plexe_auth.model.told import NAMES, record
from tests.log.lines import AT, verified
from tests.log.test_log import write

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", '"=1"', "=cmd|'/C calc'!A0", "\n=1", "\u3000=1"]
ENTRY: Any = LogEntry("log_1", from_microseconds(AT), "key.verify", "allowed")


def exported(auth: Any, form: Any, **asked: Any) -> str:
    stream = io.StringIO(newline="")
    assert auth.log.export(stream, format=form, **asked) == stream.getvalue().count("\n") - (form == "csv")
    return stream.getvalue()


def test_what_is_exported_is_what_a_page_shows(auth: Any) -> None:
    write(auth, *(verified(number, user_agent='curl, "8"') for number in range(1200)), verified(7, account="other"))
    entries = auth.log.page(account_id="acct", limit=1000).items
    objects = [json.loads(line) for line in exported(auth, "jsonl", account_id="acct").splitlines()]
    cells = list(csv.DictReader(io.StringIO(exported(auth, "csv", account_id="acct"), newline="")))
    assert len(objects) == len(cells) == 1200
    for entry, told, row in zip(entries, objects, cells, strict=False):
        assert told == {name: getattr(entry, name) for name in NAMES} | {"at": entry.at.isoformat()}
        assert row == {name: value or "" for name, value in told.items()}


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_H11_no_character_makes_one_entry_look_like_two(form: Any) -> None:
    for first in (*range(0, 0x12000, 4096), *range(0xE0000, sys.maxunicode + 1, 0x10000)):
        text = "".join(map(chr, range(first, first + 4096)))
        one = record(replace(ENTRY, user_agent=text), form)
        assert one.endswith("\n")
        assert len(one.splitlines()) == 1
        assert one.rstrip("\r\n").isprintable()


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("name", ["user_agent", "path", "request_id"])
def test_H11_no_cell_is_a_formula(name: str, text: str) -> None:
    line = record(replace(ENTRY, **{name: text}), "csv")
    (row,) = csv.reader(io.StringIO(line, newline=""))
    assert [cell for cell in row if cell.strip().startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert len(row) == len(NAMES)


def test_what_is_escaped_is_told_apart_from_what_was_written_so() -> None:
    lines = {record(replace(ENTRY, path=p), "csv") for p in ("\x1b", "\\x1b")}
    assert len(lines) == 2


def test_there_is_no_other_format(alone: Any) -> None:
    with pytest.raises(InvalidRequest):
        alone.log.export(io.StringIO(), format="xml")
