"""What a command answers: tables for people, or one JSON document on standard output and nothing else."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields as columns_of
from dataclasses import is_dataclass
from datetime import UTC, datetime
from typing import Any

import click

from plexe_auth.cli import table
from plexe_auth.cli.harmless import shown
from plexe_auth.cli.table import Column
from plexe_auth.model.permission import Permissions


class Answer:
    """Tells what came out, in the way that was asked for.

    Args:
        as_json: in JSON.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[object]], told: Mapping[str, Any]) -> None:
        """Tell a list: `rows` to people, `told` to programs."""
        if self.as_json:
            self._json(told)
        else:
            table.table(columns, rows)

    def fields(self, told: Mapping[str, Any]) -> None:
        """Tell one thing, by the names of its values."""
        if self.as_json:
            self._json(told)
        else:
            table.fields((name.replace("_", " "), _in_words(value)) for name, value in told.items())

    def done(self, sentence: str, told: Mapping[str, Any]) -> None:
        """Tell what was done."""
        if self.as_json:
            self._json(told)
        else:
            click.echo(shown(sentence))

    def remark(self, sentence: str) -> None:
        """Say something to people beside the answer."""
        if not self.as_json:
            click.echo(shown(sentence), err=True)

    def _json(self, told: Mapping[str, Any]) -> None:
        click.echo(json.dumps(document(told)))  # printable ASCII alone, so that it moves no terminal's cursor either


def document(value: Any) -> Any:
    """Return a value of ours as JSON has it; instants are in UTC (RFC 3339)."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Permissions):
        return str(value)
    if is_dataclass(value):
        return {one.name: document(getattr(value, one.name)) for one in columns_of(value)}
    if isinstance(value, Mapping):
        return {name: document(one) for name, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [document(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def _in_words(value: object) -> object:
    if isinstance(value, Mapping):
        return json.dumps(document(value), ensure_ascii=False) if value else None
    return value
