"""``plexe-auth logs``: the access log is read, exported, checked and cut off where it is old."""

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TextIO, cast

import click

from plexe_auth.auth import Auth
from plexe_auth.cli.answer import Answer
from plexe_auth.cli.asking import confirm
from plexe_auth.cli.gathered import gathered, listing, remark_on_more
from plexe_auth.cli.instant import instant
from plexe_auth.cli.opened import opens, yes_option
from plexe_auth.cli.progress import Counted, progress
from plexe_auth.cli.table import Column
from plexe_auth.model.entry import ACTIONS, OUTCOMES, LogEntry
from plexe_auth.model.told import FORMATS

_MOST = 1000
_COLUMNS = (
    Column("AT"),
    Column("ACTION", least=8),
    Column("OUTCOME", least=7),
    Column("CODE", least=8, rank=2),
    Column("ACCOUNT", least=8, rank=1),
    Column("KEY OR USER", rank=4),
    Column("IP", rank=3),
    Column("REQUEST", least=8, rank=5),
    Column("DETAIL", least=8, rank=6),
)
_BROKEN = (Column("WRITER"), Column("FROM", right=True), Column("WHAT"), Column("TO", right=True))
Body = Callable[..., Any]


def _filters(body: Body) -> Body:
    for option in (
        click.option("--until", metavar="INSTANT", callback=instant, help="Up to but not at this instant."),
        click.option(
            "--since",
            metavar="INSTANT",
            callback=instant,
            help="From this instant on: 2026-03-29, 2026-03-29T12:00:00Z or 7d.",
        ),
        click.option("--outcome", type=click.Choice(OUTCOMES), help="Only those."),
        click.option("--action", type=click.Choice(ACTIONS), metavar="ACTION", help="Such as key.verify."),
        click.option("--user", "user_id", metavar="ID", help="About this person."),
        click.option("--key", "key_id", metavar="ID", help="About this key."),
        click.option("--account", "account_id", metavar="ACCOUNT", help="Of this account."),
    ):
        body = option(body)
    return body


class _ListsAlone(click.Group):
    """A group that lists where no command is named; its options are then those of the list."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the name that was left out."""
        named = args and (not args[0].startswith("-") or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["list", *args])


@click.group(cls=_ListsAlone)
def logs() -> None:
    """Read, export, check and purge the access log. Without a command it lists the newest entries."""


@logs.command("list")
@_filters
@listing(50)
@opens
def list_(auth: Auth, answer: Answer, limit: int, after: str | None, everything: bool, **where: Any) -> None:
    """List entries, newest first."""
    found = gathered(
        lambda cursor, many: auth.log.page(**where, after=cursor, limit=many), _MOST, limit, after, everything
    )
    answer.table(_COLUMNS, map(_row, found.items), {"items": found.items, "next": found.next})
    remark_on_more(answer, found, "entries")


@logs.command()
@click.argument("file", metavar="FILE|-")
@click.option("--format", "form", type=click.Choice(FORMATS), default="jsonl", show_default=True, help="Of each line.")
@_filters
@opens
def export(auth: Auth, answer: Answer, file: str, form: Literal["jsonl", "csv"], **where: Any) -> None:
    """Write entries to FILE, which must not be there yet and nobody else may read; or to standard output."""
    if file == "-" and answer.as_json:
        raise click.UsageError("--json and - exclude each other: the entries are JSON already, one a line.")
    with target(file) as stream, progress("Exporting", quiet=file == "-" and sys.stdout.isatty()) as advance:
        written = auth.log.export(cast("TextIO", Counted(stream, advance)), form, **where)
    if file != "-":
        answer.done(f"Entries in {file}: {written:,}.", {"written": written, "file": file})


@logs.command()
@opens
def verify(auth: Auth, answer: Answer) -> None:
    """Check every entry against its chain. Ends with 1 where something is missing or altered."""
    with progress("Checking"):
        found = auth.log.verify()
    told = {"ok": found.ok, "entries": found.entries, "broken": found.broken}
    if answer.as_json or not found.ok:
        answer.table(_BROKEN, [(one.writer, one.number, one.what, one.last) for one in found.broken], told)
    answer.remark(
        f"Entries: {found.entries:,}, {'all as they were written' if found.ok else 'and not all as they were written'}."
    )
    if not found.ok:
        raise click.exceptions.Exit(1)


@logs.command()
@click.option(
    "--before", metavar="INSTANT", callback=instant, required=True, help="2026-03-29, 2026-03-29T12:00:00Z or 90d."
)
@yes_option
@opens
def purge(auth: Auth, answer: Answer, before: datetime, yes: bool) -> None:
    """Remove entries from before an instant for good. Usage stays."""
    confirm(f"This removes all entries from before {before.isoformat()} for good. Go on?", yes=yes)
    with progress("Purging"):
        count = auth.log.purge(before=before)
    answer.done(f"Entries removed: {count:,}.", {"removed": count, "before": before})


@contextmanager
def target(file: str) -> Generator[TextIO]:
    """Give where an export goes: a new file that is its owner's alone, and is whole or not there; or our output."""
    if file == "-":
        yield sys.stdout
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as stream:  # noqa: PTH123 - it is a descriptor
            yield stream
    except BaseException:
        Path(file).unlink()  # half an export would pass for a whole one
        raise


def _row(entry: LogEntry) -> tuple[object, ...]:
    request = " ".join(filter(None, (entry.method, entry.path)))
    whose = entry.key_id or entry.user_id
    return (entry.at, entry.action, entry.outcome, entry.code, entry.account_id, whose, entry.ip, request, entry.detail)
