"""``plexe-auth db``: the schema of a database is looked at and brought up to date."""

from collections.abc import Callable
from dataclasses import asdict

import click

from plexe_auth.cli.answer import Answer
from plexe_auth.cli.opened import json_option, place, url_option
from plexe_auth.cli.progress import progress
from plexe_auth.cli.refused import refused
from plexe_auth.storage.sql import revision
from plexe_auth.storage.sql.revision import Revision


@click.group("db")
def database() -> None:
    """Look at the schema of a database, and bring it up to date."""


@database.command()
@url_option
@json_option
def upgrade(url: str, as_json: bool) -> None:
    """Bring the schema up to date. Running it again does no harm."""
    _show(revision.upgrade, url, as_json)


@database.command()
@url_option
@json_option
def current(url: str, as_json: bool) -> None:
    """Say which schema the database has, and change nothing."""
    _show(revision.look, url, as_json)


def _show(act: Callable[[str], Revision], url: str, as_json: bool) -> None:
    with refused(as_json=as_json):
        with progress("Upgrading", quiet=act is revision.look):
            found = act(place(url))
        Answer(as_json=as_json).done(_sentence(found), asdict(found))


def _sentence(found: Revision) -> str:
    if found.before != found.now:
        return f"{found.database}: upgraded from {found.before or 'nothing'} to {found.now}"
    if found.now == found.newest:
        return f"{found.database}: {found.now}, the newest"
    return f"{found.database}: {found.now or 'no schema'}; {found.newest} is the newest"
