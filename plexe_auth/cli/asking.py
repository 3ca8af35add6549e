"""What is secret, or cannot be undone, is asked for: hidden at a terminal, a line of standard input elsewhere.

Nothing secret is an argument, where everybody on the machine sees it and the shell remembers it.
"""

import sys

import click

from plexe_auth.secret import Secret


def hidden(what: str) -> Secret:
    """Return what is typed and not shown, or the next line of standard input where that is no terminal."""
    if sys.stdin.isatty():
        return Secret(str(click.prompt(what, hide_input=True, err=True)))
    return _line(what)


def new_password() -> Secret:
    """Return a password that was given twice, the same both times."""
    one, two = hidden("Password"), hidden("Once more")
    if one != two:
        raise click.UsageError("The two are not the same. Nothing was done.")
    return one


def confirm(question: str, *, yes: bool) -> None:
    """Return if this is to be done; end the command if not, or where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Say so by --yes.")
    if not click.confirm(question, err=True):
        click.echo("Nothing was done.", err=True)
        raise click.exceptions.Exit(1)


def _line(what: str) -> Secret:
    line = sys.stdin.readline()
    if not line:
        raise click.UsageError(f"{what}: standard input is at its end.")
    return Secret(line.rstrip("\r\n"))
