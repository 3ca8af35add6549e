"""A refusal is told on standard error, in words or as JSON, and its exit code says whether asking again may help."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

import click

from plexe_auth.cli.harmless import shown
from plexe_auth.cli.pipe import silenced
from plexe_auth.errors import AuthError, ConfigurationError, Unavailable

REFUSED = 1
MISUSED = 2


@contextmanager
def refused(*, as_json: bool) -> Generator[None]:
    """Tell what the block refuses, and end the command with the right exit code."""
    try:
        yield
    except ConfigurationError as error:
        _end(MISUSED, "configuration_error", str(error), as_json)
    except AuthError as error:
        _end(REFUSED, error.code, detail(error), as_json)
    except BrokenPipeError:
        raise click.exceptions.Exit(silenced()) from None
    except OSError as error:
        _end(REFUSED, "system_error", f"{error.filename or 'The system'}: {error.strerror or error}", as_json)


def detail(error: AuthError) -> str:
    """Return what an operator is told of a refusal."""
    cause = getattr(error.__cause__, "orig", None) or error.__cause__
    # An operator has to know why a database does not answer. The driver's own first line says it, without our password.
    reason = str(cause).strip().partition("\n")[0] if isinstance(error, Unavailable) and cause is not None else ""
    return f"{error.detail} ({reason})" if reason else error.detail


def _end(code: int, name: str, detail: str, as_json: bool) -> NoReturn:
    told = json.dumps({"code": name, "detail": detail}) if as_json else f"plexe-auth: {shown(detail)}"
    click.echo(told, err=True)
    raise click.exceptions.Exit(code)
