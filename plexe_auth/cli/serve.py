"""``plexe-auth serve``: the REST API, and the Console below ``/console``, on waitress until it is told to stop."""

import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click

from plexe_auth.auth import Auth
from plexe_auth.cli.opened import opened, url_option
from plexe_auth.cli.refused import refused
from plexe_auth.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_LARGEST_BODY = 1024 * 1024  # of a request; what the API takes is far less
_INTERRUPTED = 130
_CONSOLE = "/console"

Create = Callable[..., Any]


@click.command()
@url_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="How many answer at once.")
def serve(url: str, host: str, port: int, threads: int) -> None:
    """Serve the REST API, and the Console at /console. It speaks plain HTTP: put a proxy with HTTPS in front.

    Letters lead to the Console where PLEXE_AUTH_BASE_URL ends in /console. Browsers take its cookies over HTTPS, and on
    http://localhost.
    """
    with refused(as_json=False), opened(url) as auth:
        create = _waitress()
        run(listening(create, _app(auth), host, port, threads))


def _waitress() -> Create:
    try:
        from waitress.server import create_server  # type: ignore[import-untyped]
    except ModuleNotFoundError as missing:
        raise ConfigurationError(_lacks(missing)) from None
    return cast("Create", create_server)


def _app(auth: Auth) -> "WSGIApplication":
    try:
        from plexe_auth import console, manage
    except ModuleNotFoundError as missing:
        raise ConfigurationError(_lacks(missing)) from None
    api, pages = manage.wsgi_app(auth), console.wsgi_app(auth)

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        path: str = environ.get("PATH_INFO", "")
        if path != _CONSOLE and not path.startswith(f"{_CONSOLE}/"):
            return api(environ, start_response)
        below = {"SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + _CONSOLE, "PATH_INFO": path[len(_CONSOLE) :]}
        return pages({**environ, **below}, start_response)

    return app


def listening(create: Create, app: "WSGIApplication", host: str, port: int, threads: int) -> Any:
    """Return a server of waitress that listens, and takes requests once it is run."""
    where = {"host": host, "port": port, "threads": threads}
    try:
        # What a client says of where it comes from is dropped, and so are fields whose names have underscores.
        return create(app, **where, ident=None, max_request_body_size=_LARGEST_BODY)
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from None
    except ValueError:
        raise ConfigurationError(f"{host} is no address of this machine") from None


def _lacks(missing: ModuleNotFoundError) -> str:
    return f"{str(missing.name).partition('.')[0]} is not installed; pip install 'plexe-auth[serve]'"


def run(server: Any) -> None:
    """Answer requests until the process is told to end; Ctrl-C ends it as it ends every command."""
    ended_by: list[int] = []

    def end(number: int, _frame: object) -> NoReturn:
        ended_by.append(number)
        raise KeyboardInterrupt  # which waitress takes as a word to finish

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, end)
    for host, port in _places(server):
        click.echo(f"Serving on http://{f'[{host}]' if ':' in host else host}:{port}", err=True)
    try:
        server.run()
    finally:
        server.close()
    if signal.SIGINT in ended_by:
        raise click.exceptions.Exit(_INTERRUPTED)


def _places(server: Any) -> list[tuple[str, int]]:
    several: list[tuple[str, int]] | None = getattr(server, "effective_listen", None)  # of a name with many addresses
    return [(server.effective_host, server.effective_port)] if several is None else several
