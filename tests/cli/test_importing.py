"""``plexe-auth users import``: whom a file names has the password they had; what is refused is named by its line."""

import json
from pathlib import Path

import pytest

from plexe_auth import Auth, SignedIn
from tests.cli.conftest import Command, answered

PASSWORD = "a long and lovely word"
HASH = "pbkdf2_sha256$1000$NaCl$wugblnTdIgyPmU393kEQRRIjQasLAy1/6CBGw8xHyF4="
ADA = json.dumps({"email": "ada@example.com", "password_hash": HASH, "name": "Ada", "verified": True})
ALAN = json.dumps({"email": "alan@example.com", "account_id": "acct_42", "role": "viewer"})


def test_people_sign_in_by_the_password_that_they_had(command: Command, library: Auth, tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"
    file.write_text(f"{ADA}\n\n{ALAN}")
    told = answered(command("users", "import", str(file), "--json"))
    assert told == {"imported": 2, "present": 0, "refused": []}
    result = library.sign_in.with_password("ada@example.com", PASSWORD)
    assert isinstance(result, SignedIn)
    assert (result.user.name, result.user.verified_at is None) == ("Ada", False)
    alan = library.users.find("alan@example.com")
    assert (alan.account_id, alan.role, alan.has_password) == ("acct_42", "viewer", False)


def test_the_same_file_is_imported_once_more_without_harm(command: Command, library: Auth) -> None:
    assert command("users", "import", "-", told=ADA).exit_code == 0
    before = library.users.find("ada@example.com")
    result = command("users", "import", "-", told=f"{ADA}\n{ALAN}\n")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "Imported: 1. There already: 1. Refused: 0.\n"
    assert library.users.find("ada@example.com") == before


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("nonsense", None),
        ("[]", None),
        ('{"email": "a@example.com", "email": "b@example.com"}', None),
        (json.dumps({"email": "a" * 70_000}), None),
        ("{}", "email"),
        (json.dumps({"email": 7}), "email"),
        (json.dumps({"email": "nobody"}), "email"),
        (json.dumps({"email": "a@example.com", "password": PASSWORD}), "password"),
        (json.dumps({"email": "a@example.com", "password_hash": 7}), "password_hash"),
        (json.dumps({"email": "a@example.com", "password_hash": PASSWORD}), "password_hash"),
        (json.dumps({"email": "a@example.com", "role": "king"}), "role"),
        (json.dumps({"email": "a@example.com", "verified": "yes"}), "verified"),
        (json.dumps({"email": "a@example.com", "name": 7}), "name"),
        (json.dumps({"email": "a@example.com", "account_id": []}), "account_id"),
    ],
)
def test_a_line_that_is_refused_is_named_and_holds_no_other_up(
    command: Command, library: Auth, line: str, field: str | None
) -> None:
    result = command("users", "import", "-", "--json", told=f"{ADA}\n{line}\n{ALAN}\n")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["imported"], told["present"]) == (1, 2, 0)
    assert [(one["line"], one["field"]) for one in told["refused"]] == [(2, field)]
    assert PASSWORD not in result.stdout + result.stderr
    assert len(library.users.page().items) == 2
    table = command("users", "import", "-", told=f"{line}\n")
    assert (table.exit_code, table.stdout.splitlines()[1].split()[0]) == (1, "1")


def test_a_file_that_is_not_there_is_a_misuse(command: Command, tmp_path: Path) -> None:
    assert command("users", "import", str(tmp_path / "nothing.jsonl")).exit_code == 2
