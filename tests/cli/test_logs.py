"""``plexe-auth logs`` and ``usage``: the access log is read, exported, checked and cut off; usage is added up."""

import contextlib
import csv
import io
import json
import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from plexe_auth import Auth, Unavailable
from plexe_auth.cli.logs import target
from plexe_auth.cli.usage import bar
from tests.cli.conftest import Command, answered


@pytest.fixture
def used(library: Auth) -> dict[str, Any]:
    """Two keys of two accounts, one of them verified three times and refused once."""
    issued = library.keys.create("acct_42", name="CI")
    other = library.keys.create("acct_43", name="other").key
    for _ in range(3):
        library.keys.verify(issued.secret.reveal(), ip="192.0.2.7")
    with pytest.raises(Exception, match="permission"):
        library.keys.verify(issued.secret.reveal(), permission="models:write")
    library.log.flush()
    return {"key": issued.key, "other": other}


def test_entries_are_listed_newest_first(command: Command, library: Auth, used: dict[str, Any]) -> None:
    listed = answered(command("logs", "--json"))
    assert [one["id"] for one in listed["items"]] == [entry.id for entry in library.log.page()]
    assert listed == answered(command("logs", "list", "--json"))
    lines = command("logs", "--key", used["key"].id, "--action", "key.verify").stdout.splitlines()
    assert [line.split()[2] for line in lines] == ["OUTCOME", "denied", "allowed", "allowed", "allowed"]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (("--account", "acct_43"), 1),
        (("--action", "key.create"), 2),
        (("--outcome", "denied"), 1),
        (("--outcome", "denied", "--account", "acct_43"), 0),
        (("--since", "1h"), 6),
        (("--until", "1h"), 0),
        (("--since", "2999-01-01T00:00:00+02:00"), 0),
        (("--until", "2999-01-01"), 6),
        (("--user", "usr_1"), 0),
        (("--limit", "2"), 2),
    ],
)
def test_filters_narrow_a_list_and_an_export(
    command: Command, used: dict[str, Any], filters: tuple[str, ...], count: int
) -> None:
    assert used
    assert len(answered(command("logs", *filters, "--json"))["items"]) == count
    if "--limit" not in filters:
        assert len(command("logs", "export", "-", *filters).stdout.splitlines()) == count


@pytest.mark.parametrize("given", ["yesterday", "2026-13-01", "99999999w", "1y", ""])
def test_an_instant_that_is_none_is_misuse(command: Command, given: str) -> None:
    assert command("logs", "--since", given).exit_code == 2


def test_an_instant_without_a_zone_is_one_of_UTC(
    command: Command, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(time.tzset)  # once the variable is back
    monkeypatch.setenv("TZ", "JST-9")
    time.tzset()
    told = answered(command("logs", "purge", "--before", "2026-01-02T03:04:05", "--yes", "--json"))
    assert told == {"removed": 0, "before": "2026-01-02T03:04:05+00:00"}


def test_an_export_holds_all_and_is_its_owners_alone(command: Command, used: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    assert used
    assert answered(command("logs", "export", str(file), "--json")) == {"written": 6, "file": str(file)}
    assert [json.loads(line)["action"] for line in file.read_text().splitlines()].count("key.verify") == 4
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert answered(command("logs", "--json"))["items"][0] == json.loads(file.read_text().splitlines()[0])


def test_an_export_in_csv_has_a_heading(command: Command, used: dict[str, Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(command("logs", "export", "-", "--format", "csv").stdout)))
    assert used["key"].id in {row["key_id"] for row in rows}
    assert len(rows) == 6


def test_an_export_overwrites_nothing(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_text("mine")
    result = command("logs", "export", str(file))
    assert (result.exit_code, result.stderr) == (1, f"plexe-auth: {file}: File exists\n")
    assert file.read_text() == "mine"
    assert command("logs", "export", "-", "--json").exit_code == 2


def test_an_export_that_breaks_off_leaves_no_half(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    with contextlib.suppress(Unavailable), target(str(file)) as stream:
        stream.write("half")
        raise Unavailable
    assert not file.exists()


def test_a_log_that_was_altered_is_told_with_its_place(command: Command, used: dict[str, Any], url: str) -> None:
    assert used
    assert answered(command("logs", "verify", "--json")) == {"ok": True, "entries": 6, "broken": []}
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE plexe_auth_entries SET outcome = 'allowed' WHERE outcome = 'denied'")
    engine.dispose()
    result = command("logs", "verify", "--json")
    assert (result.exit_code, json.loads(result.stdout)["broken"][0]["what"]) == (1, "altered")
    assert "altered" in command("logs", "verify").stdout


def test_old_entries_are_removed_only_by_a_word(command: Command, used: dict[str, Any], library: Auth) -> None:
    assert used
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert command("logs", "purge", "--before", tomorrow).exit_code == 2
    assert command("logs", "purge", "--yes").exit_code == 2
    assert len(library.log.page().items) == 6
    assert command("logs", "purge", "--before", tomorrow, "--yes").stdout == "Entries removed: 6.\n"
    assert answered(command("logs", "verify", "--json"))["ok"]


def test_usage_is_added_up_and_drawn(command: Command, used: dict[str, Any]) -> None:
    told = answered(command("usage", "acct_42", "--since", "2d", "--json"))
    assert [(one["key_id"], one["allowed"], one["denied"]) for one in told["items"]] == [(used["key"].id, 3, 1)]
    line = command("usage", "acct_42", "--by", "day").stdout.splitlines()[1]
    assert (line.split()[0], line.split()[2:]) == (used["key"].id, ["3", "1", "█" * 16])
    assert command("usage", "acct_43").stderr == "No usage.\n"
    assert command("usage", "acct_42", "--by", "year").exit_code == 2


@pytest.mark.parametrize(
    ("count", "drawn"), [(0, ""), (1, "▏"), (64, "████████"), (127, "███████████████▉"), (128, "█" * 16)]
)
def test_a_bar_is_as_long_as_its_share(count: int, drawn: str) -> None:
    assert bar(count, 128) == drawn
    assert bar(0, 0) == ""
