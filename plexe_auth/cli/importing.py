"""``plexe-auth users import``: people come from another system, one a line, with the password that they have there.

A line that is refused makes nobody and holds no other up; who is there already is passed over, so that whoever was
interrupted imports the same file once more.
"""

from collections.abc import Iterable
from typing import Any, BinaryIO, NamedTuple

import click

from plexe_auth.auth import Auth
from plexe_auth.cli.answer import Answer
from plexe_auth.cli.opened import opens
from plexe_auth.cli.progress import Advance, progress
from plexe_auth.cli.table import Column
from plexe_auth.errors import Conflict, InvalidRequest
from plexe_auth.model.strict_json import read_object

_LONGEST = 65_536
_NAMES = frozenset({"email", "password_hash", "account_id", "name", "role", "verified"})
_COLUMNS = (Column("LINE"), Column("FIELD"), Column("WHY", least=20))


class Refused(NamedTuple):
    """A line that made nobody: which one, what of it, and why."""

    line: int
    field: str | None
    detail: str


class Imported(NamedTuple):
    """How many were made, how many were there already, and what was refused."""

    imported: int
    present: int
    refused: list[Refused]


@click.command("import")
@click.argument("file", metavar="FILE|-", type=click.File("rb"))
@opens
def import_(auth: Auth, answer: Answer, file: BinaryIO) -> None:
    """Make the users that FILE names, a JSON object on each line; or standard input.

    A line has `email`, and may have `password_hash` (Argon2, bcrypt, PBKDF2 or scrypt, as Django, Werkzeug and passlib
    write them), `account_id`, `name`, `role` and `verified`. Who is there already stays as they are. Ends with 1 where
    a line was refused; the others are imported all the same.
    """
    with progress("Importing") as advance:
        done = _all_imported(auth, file, advance)
    told = {**done._asdict(), "refused": [one._asdict() for one in done.refused]}
    if answer.as_json or done.refused:
        answer.table(_COLUMNS, done.refused, told)
    answer.remark(f"Imported: {done.imported:,}. There already: {done.present:,}. Refused: {len(done.refused):,}.")
    if done.refused:
        raise click.exceptions.Exit(1)


def _all_imported(auth: Auth, lines: Iterable[bytes], advance: Advance) -> Imported:
    made = present = 0
    refused: list[Refused] = []
    for number, line in enumerate(lines, 1):
        try:
            made += _is_imported(auth, line)
        except Conflict:
            present += 1
        except InvalidRequest as error:
            refused.append(Refused(number, error.field, error.detail))
        advance(1)
    return Imported(made, present, refused)


def _is_imported(auth: Auth, line: bytes) -> bool:
    """Make the user of a line; an empty one names nobody."""
    if not line.strip():
        return False
    auth.users.import_user(**_read(line))
    return True


def _read(line: bytes) -> dict[str, Any]:
    try:
        found = read_object(line, _LONGEST)
    except ValueError:
        raise InvalidRequest("It is no JSON object on one line, or has a member twice.") from None
    if unknown := sorted(found.keys() - _NAMES):
        raise InvalidRequest("There is no such field.", field=unknown[0])
    if not isinstance(found.get("email"), str):
        raise InvalidRequest("email must be a text.", field="email")
    if not isinstance(found.get("password_hash"), str | None):
        raise InvalidRequest("password_hash must be a text.", field="password_hash")
    return {"password_hash": None, **found}
