"""``plexe-auth doctor``: everything an operator can get wrong is looked at, and each finding says what to do."""

import os
from collections.abc import Iterator
from datetime import timedelta

import click
from click.core import ParameterSource
from rich.text import Text

from plexe_auth.auth import Auth
from plexe_auth.cli import table
from plexe_auth.cli.answer import Answer
from plexe_auth.cli.checkup.database import of_clock, of_entries, of_schema
from plexe_auth.cli.checkup.files import of_files
from plexe_auth.cli.checkup.finding import Finding
from plexe_auth.cli.checkup.keys import IDLE, of_keys
from plexe_auth.cli.checkup.settings import of_place, of_settings
from plexe_auth.cli.harmless import shown
from plexe_auth.cli.opened import json_option, place, url_option
from plexe_auth.cli.progress import progress
from plexe_auth.cli.refused import detail, refused
from plexe_auth.errors import ConfigurationError, Unavailable
from plexe_auth.journal.place import spool_folder
from plexe_auth.settings import Settings
from plexe_auth.storage.sql import revision
from plexe_auth.storage.sql.place import file_of, has_password, of_url
from plexe_auth.storage.sql.server_clock import ahead
from plexe_auth.storage.sql.url import resolve

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@click.command()
@url_option
@json_option
@click.option(
    "--idle-days",
    type=click.IntRange(1, 3650),
    default=IDLE.days,
    show_default=True,
    help="A key is idle that was not used for so long.",
)
@click.pass_context
def doctor(context: click.Context, url: str, as_json: bool, idle_days: int) -> None:
    """Check settings, schema, clock, files and keys, and say what to do. Ends with 1 if any check fails."""
    openly = context.get_parameter_source("url") is ParameterSource.COMMANDLINE and url != "-"
    with refused(as_json=as_json):
        where = place(url)
        with progress("Looking"):
            found = list(_findings(where, timedelta(days=idle_days), openly=openly))
        failed = any(one.level == "fail" for one in found)
        _tell(Answer(as_json=as_json), found, ok=not failed)
    if failed:
        raise click.exceptions.Exit(1)


def _findings(url: str, idle: timedelta, *, openly: bool) -> Iterator[Finding]:
    where = resolve(url, blocking=True)
    yield from of_place(told_openly=openly and has_password(where))
    settings, found = _settings()
    yield from found
    yield from of_files(file_of(where), spool_folder(settings.spool_dir, of_url(where)))
    try:
        schema = of_schema(revision.look(url))
        yield schema
        yield from of_clock(ahead(url))
        if schema.level == "ok":
            with Auth.open(url, settings=settings) as auth:
                yield of_entries(auth)
                yield from of_keys(auth, idle)
    except Unavailable as error:
        yield Finding("database", "fail", detail(error), "See that it runs, and that this host may reach it.")


def _settings() -> tuple[Settings, list[Finding]]:
    try:
        settings = Settings.from_env(os.environ)
    except ConfigurationError as error:
        return Settings(), [Finding("settings", "fail", str(error), "Set it right; the app refuses it, too.")]
    return settings, list(of_settings(settings))


def _tell(answer: Answer, found: list[Finding], *, ok: bool) -> None:
    if answer.as_json:
        answer.fields({"ok": ok, "checks": found})
        return
    table.paragraphs(line for one in found for line in _lines(one))


def _lines(one: Finding) -> Iterator[tuple[Text, Text, Text]]:
    yield Text(one.level, style=_COLOURS[one.level]), Text(one.check), Text(shown(one.found))
    if one.to_do:
        yield Text(""), Text(""), Text(f"→ {shown(one.to_do)}")
