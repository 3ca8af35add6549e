"""A command says where the database is and how to answer; it is opened with the settings of the environment."""

import functools
import os
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import click

from plexe_auth.auth import Auth
from plexe_auth.cli.answer import Answer
from plexe_auth.cli.asking import hidden
from plexe_auth.cli.refused import refused
from plexe_auth.errors import ConfigurationError
from plexe_auth.mail.mailer import Mailer
from plexe_auth.settings import URL_VARIABLE, Settings
from plexe_auth.storage.sql import revision
from plexe_auth.storage.sql.prepare import COMMAND

Body = Callable[..., Any]

Option = Callable[[Body], Body]

url_option: Option = click.option(
    "--url",
    required=True,
    envvar=URL_VARIABLE,
    show_envvar=True,
    help="Where the database is, such as postgresql://user:password@host/name. A single - reads it from standard "
    "input, where nobody else on this machine sees its password.",
)
json_option: Option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
yes_option: Option = click.option("--yes", is_flag=True, help="Do it without asking.")


def opens(body: Body) -> Body:
    """Give a command the options that all have, and call its body with an open `Auth` and an `Answer`."""
    return _command(body, opened)


def begins(body: Body) -> Body:
    """Do as `opens` does for a command that makes the first of something: a new SQLite file is made for it."""
    return _command(body, made)


def _command(body: Body, opener: Callable[[str], AbstractContextManager[Auth]]) -> Body:
    @url_option
    @json_option
    @functools.wraps(body)
    def command(url: str, as_json: bool, **given: Any) -> None:
        with refused(as_json=as_json), opener(url) as auth:
            body(auth, Answer(as_json=as_json), **given)

    return command


@contextmanager
def opened(url: str, settings: Settings | None = None, mailer: Mailer | None = None) -> Generator[Auth]:
    """Open the database that is there already; a name that was misspelt makes none.

    Args:
        url: where it is.
        settings: in place of those of the environment.
        mailer: what sends mail.

    Raises:
        ConfigurationError: there is no such database, or it has no schema of ours.
        Unavailable: it does not answer.
    """
    where = place(url)
    found = revision.look(where)
    if found.now is None:
        raise ConfigurationError(f"{found.database} has no plexe_auth schema; run {COMMAND}")
    with Auth.open(where, settings=settings or Settings.from_env(os.environ), mailer=mailer) as auth:
        del where
        yield auth


@contextmanager
def made(url: str) -> Generator[Auth]:
    """Open the database as an app does: a SQLite file that is not there is made, a server's has to have our schema.

    Raises:
        ConfigurationError: a server has no schema of ours, or an old one.
        Unavailable: it does not answer.
    """
    where = place(url)
    with Auth.open(where, settings=Settings.from_env(os.environ)) as auth:
        del where
        yield auth


def place(url: str) -> str:
    """Return the URL itself, which ``-`` has read from standard input."""
    return hidden("Database URL").reveal().strip() if url == "-" else url
