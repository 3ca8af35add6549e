"""A table fits its terminal without wrapping, and nothing that somebody else wrote moves the terminal's cursor."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import Auth, Client
from plexe_auth.cli.harmless import shown
from plexe_auth.cli.table import Column, table
from tests.cli.conftest import Command

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b[31mA\r\n\x9b1;1H\x7f\u202egnp\u200b [bold]:smile:"
WIDE = "鍵" * 40
COLUMNS = (Column("ID"), Column("NAME", least=6), Column("MORE", least=4, rank=1), Column("MOST", rank=2))


def controls(text: str) -> set[str]:
    return {one for one in text if unicodedata.category(one) in ("Cc", "Cf") and one != "\n"}


@pytest.fixture
def hostile(library: Auth) -> str:
    """An account whose name and all that is in it are hostile."""
    account = HOSTILE.strip()
    key = library.keys.create(account, name=HOSTILE, metadata={HOSTILE: HOSTILE}).key
    library.keys.revoke(key.id, reason=HOSTILE)
    user = library.users.create("ada@example.com", "a long and lovely word", account_id=account, name=HOSTILE)
    client = Client(ip="192.0.2.7", user_agent=HOSTILE)
    library.sign_in.with_password("ada@example.com", "a long and lovely word", client=client)
    library.accounts.require_mfa(account)
    return f"{account} {key.id} {user.id}"


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_no_control_character_of_anybody_reaches_the_terminal(
    command: Command, hostile: str, more: tuple[str, ...]
) -> None:
    account, (key, user) = HOSTILE.strip(), hostile.split()[-2:]
    told = [
        command(*arguments, *more)
        for arguments in (
            ("keys", "list", account),
            ("keys", "show", key),
            ("users", "list"),
            ("users", "show", user),
            ("users", "sessions", user),
            ("accounts", "suspend", account, "--reason", HOSTILE),
            ("logs",),
            ("usage", account),
            ("doctor",),
            ("keys", "revoke-all", account, "--yes"),
        )
    ]
    assert [result.exit_code for result in told] == [0] * len(told)
    assert controls("".join(result.output for result in told)) == set()
    assert "owned" in told[1].stdout
    assert "[bold]:smile:" in told[1].stdout


def test_json_keeps_what_somebody_wrote_exactly(command: Command, hostile: str) -> None:
    key = json.loads(command("keys", "show", hostile.split()[-2], "--json").stdout)
    assert (key["name"], key["account_id"], key["metadata"]) == (HOSTILE, HOSTILE.strip(), {HOSTILE: HOSTILE})


def test_a_refusal_echoes_no_control_character(command: Command) -> None:
    result = command("logs", "export", f"nowhere-{HOSTILE}/log.jsonl")
    assert (result.exit_code, "owned" in result.stderr) == (1, True)
    assert controls(result.stderr) == set()


@given(st.text())
def test_whatever_is_shown_is_printable(text: str) -> None:
    assert shown(text).isprintable()


@given(st.text(), st.text())
def test_no_two_texts_are_shown_alike(one: str, other: str) -> None:
    assert (shown(one) == shown(other)) is (one == other)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_no_line_of_a_table_is_wider_than_its_terminal_or_wraps(command: Command, library: Auth, width: int) -> None:
    for name in ("CI", WIDE, "x" * 200):
        library.keys.create("acct_42", name=name, permissions="models:read jobs:write a:read b:read c:read")
    for arguments in (("keys", "list", "acct_42"), ("logs",), ("usage", "acct_42")):
        lines = command(*arguments, COLUMNS=str(width)).stdout.splitlines()
        assert max(sum(1 + (unicodedata.east_asian_width(one) == "W") for one in line) for line in lines) <= width
        assert len(lines) == {"keys": 4, "logs": 4, "usage": 1}[arguments[0]]


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (80, "key_1234567890  a rather long name  something more  2026-03-29"),
        (56, "key_1234567890  a rather lon…  something mo…  2026-03-29"),
        (36, "key_1234567890  a rather…  somethin…"),
        (22, "key_1234567890  a rat…"),
        (12, "key_…  a ra…"),
    ],
)
def test_what_is_least_wanted_goes_first_and_an_id_is_cut_last(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int, line: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    table(COLUMNS, [("key_1234567890", "a rather long name", "something more", "2026-03-29")])
    assert capsys.readouterr().out.splitlines()[1] == line


def test_a_program_reads_whole_values(command: Command, library: Auth) -> None:
    library.keys.create("acct_42", name="x" * 200)
    assert "x" * 200 in command("keys", "list", "acct_42").stdout
