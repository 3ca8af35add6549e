"""The command, called in this process for breadth; its database, and the library opened on it to look behind."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from click.testing import CliRunner, Result

from plexe_auth import Auth
from plexe_auth.cli.commands import plexe_auth
from tests.stores import sqlite_url


class Command(Protocol):
    """Calls ``plexe-auth`` with arguments and what is told on its standard input."""

    def __call__(self, *arguments: str, told: str = "", **environ: str) -> Result: ...


@pytest.fixture
def url(tmp_path: Path, sqlite_template: Path) -> str:
    return sqlite_url(sqlite_template, tmp_path, rollback=False)


@pytest.fixture
def library(url: str) -> Iterator[Auth]:
    with Auth.open(url) as auth:
        yield auth


@pytest.fixture
def command(url: str) -> Command:
    def call(*arguments: str, told: str = "", **environ: str) -> Result:
        env = {"PLEXE_AUTH_URL": url, "NO_COLOR": None, "COLUMNS": None, **environ}
        return CliRunner().invoke(plexe_auth, arguments, input=told, env=env, catch_exceptions=False)

    return call


def answered(result: Result) -> Any:
    """Return the one JSON document of a command that was done."""
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)
