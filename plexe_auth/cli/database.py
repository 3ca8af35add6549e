"""``plexe-auth db``: the schema of a database is looked at and brought up to date."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict

import click

from plexe_auth.cli.refused import refused
from plexe_auth.storage.sql import revision
from plexe_auth.storage.sql.revision import Revision

_url = click.option(
    "--url",
    required=True,
    help="Where the database is, such as postgresql://user:password@host/name. A single - reads it from standard "
    "input, where nobody else on this machine sees its password.",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


@click.group("db")
def database() -> None:
    """Look at the schema of a database, and bring it up to date."""


@database.command()
@_url
@_as_json
def upgrade(url: str, as_json: bool) -> None:
    """Bring the schema up to date. Running it again does no harm."""
    _show(revision.upgrade, url, as_json)


@database.command()
@_url
@_as_json
def current(url: str, as_json: bool) -> None:
    """Say which schema the database has, and change nothing."""
    _show(revision.look, url, as_json)


def _show(act: Callable[[str], Revision], url: str, as_json: bool) -> None:
    with refused(as_json=as_json):
        found = act(sys.stdin.readline().strip() if url == "-" else url)
        click.echo(json.dumps(asdict(found)) if as_json else _sentence(found))


def _sentence(found: Revision) -> str:
    if found.before != found.now:
        return f"{found.database}: upgraded from {found.before or 'nothing'} to {found.now}"
    if found.now == found.newest:
        return f"{found.database}: {found.now}, the newest"
    return f"{found.database}: {found.now or 'no schema'}; {found.newest} is the newest"
