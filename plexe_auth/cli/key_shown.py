"""What is shown of a key; its own text once, when it was made, alone on its line."""

from datetime import datetime
from typing import Any

import click

from plexe_auth.cli.answer import Answer, document
from plexe_auth.cli.table import Column
from plexe_auth.model.key import APIKey, IssuedKey

COLUMNS = (
    Column("ID"),
    Column("NAME", least=6),
    Column("STATUS"),
    Column("HINT", least=8, rank=3),
    Column("PERMISSIONS", least=8, rank=2),
    Column("LAST USED", rank=1),
    Column("EXPIRES", rank=4),
    Column("CREATED", rank=5),
)


def row(key: APIKey, now: datetime) -> tuple[object, ...]:
    """Return a key's cells under `COLUMNS`."""
    first = (key.id, key.name, key.status(now), key.hint, key.permissions)
    return (*first, key.last_used_at or "never", key.expires_at or "never", key.created_at)


def told(key: APIKey, now: datetime) -> dict[str, Any]:
    """Return what programs are told of a key."""
    return {**document(key), "status": key.status(now)}


def whole(answer: Answer, key: APIKey, now: datetime) -> None:
    """Tell all that is known of a key."""
    if answer.as_json:
        answer.fields(told(key, now))
        return
    names = [name for name in APIKey.__dataclass_fields__ if name != "family"]
    values = {name: getattr(key, name) for name in names}
    answer.fields({"id": key.id, "status": key.status(now), **values, "expires_at": key.expires_at or "never"})


def issued(answer: Answer, made: IssuedKey, now: datetime, *, quiet: bool) -> None:
    """Print a new key with its text."""
    if answer.as_json:
        answer.fields({"key": made.secret.reveal(), **told(made.key, now)})
        return
    click.echo(made.secret.reveal())
    if not quiet:
        answer.remark("This is the key. It is shown this once.")
        whole(answer, made.key, now)
