"""Waitress serves an app on a port of this machine until the process is told to stop."""

import signal
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click

from plexe_auth.errors import ConfigurationError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LARGEST_BODY = 1024 * 1024  # of a request; what API and Console take is far less
_INTERRUPTED = 130

Create = Callable[..., Any]


class Later:
    """An app that comes after the port it is served on: where that is, is a setting of what it does."""

    def __init__(self) -> None:
        self.app: WSGIApplication | None = None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if self.app is None:
            raise ConfigurationError("nothing is served here yet")
        return self.app(environ, start_response)


def waitress() -> Create:
    """Return what makes a server.

    Raises:
        ConfigurationError: the extra ``serve`` is not installed.
    """
    try:
        from waitress.server import create_server  # type: ignore[import-untyped]
    except ModuleNotFoundError as missing:
        raise lacking(missing) from None
    return cast("Create", create_server)


def lacking(missing: ModuleNotFoundError) -> ConfigurationError:
    """Return the refusal of somebody who lacks what serving needs."""
    return ConfigurationError(
        f"{str(missing.name).partition('.')[0]} is not installed; pip install 'plexe-auth[serve]'"
    )


def listening(create: Create, app: "WSGIApplication", host: str, port: int, threads: int) -> Any:
    """Return a server of waitress that listens, and takes requests once it is run."""
    where = {"host": host, "port": port, "threads": threads}
    try:
        # Fields whose names have underscores are dropped. What a client says of where it comes from is left to the
        # gate, which believes the proxies that it was told of and nobody else.
        return create(
            app,
            **where,
            ident=None,
            max_request_body_size=_LARGEST_BODY,
            clear_untrusted_proxy_headers=False,
        )
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from None
    except ValueError:
        raise ConfigurationError(f"{host} is no address of this machine") from None


def here(server: Any) -> str:
    """Return the address under which a browser on this machine takes our cookies, which are for HTTPS and localhost."""
    return f"http://localhost:{_places(server)[0][1]}"


def run(server: Any, told: Iterable[str] = ()) -> None:
    """Answer requests until the process is told to end; Ctrl-C ends it as it ends every command.

    Args:
        server: what `listening` gave.
        told: lines that are said once it answers.
    """
    ended_by: list[int] = []

    def end(number: int, _frame: object) -> NoReturn:
        ended_by.append(number)
        raise KeyboardInterrupt  # which waitress takes as a word to finish

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, end)
    for host, port in _places(server):
        click.echo(f"Serving on http://{f'[{host}]' if ':' in host else host}:{port}", err=True)
    for line in told:
        click.echo(line, err=True)
    try:
        server.run()
    finally:
        server.close()
    if signal.SIGINT in ended_by:
        raise click.exceptions.Exit(_INTERRUPTED)


def _places(server: Any) -> list[tuple[str, int]]:
    several: list[tuple[str, int]] | None = getattr(server, "effective_listen", None)  # of a name with many addresses
    return [(server.effective_host, server.effective_port)] if several is None else several
