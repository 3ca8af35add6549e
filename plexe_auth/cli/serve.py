"""``plexe-auth serve``: the management REST API on waitress, a real server, until it is told to stop."""

import logging
import signal
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click

from plexe_auth.auth import Auth
from plexe_auth.cli.opened import opened, url_option
from plexe_auth.cli.refused import refused
from plexe_auth.errors import ConfigurationError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_LARGEST_BODY = 1024 * 1024  # of a request; what the API takes is far less
_INTERRUPTED = 130


@click.command()
@url_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="How many answer at once.")
def serve(url: str, host: str, port: int, threads: int) -> None:
    """Serve the management REST API. It speaks plain HTTP: put a proxy with HTTPS in front."""
    with refused(as_json=False), opened(url) as auth:
        _run(_server(_app(auth), host, port, threads), host)


def _app(auth: Auth) -> "WSGIApplication":
    try:
        from plexe_auth.manage import (  # type: ignore[import-not-found, unused-ignore]
            wsgi_app,  # pyright: ignore[reportMissingImports, reportUnknownVariableType]
        )
    except ModuleNotFoundError as missing:
        raise ConfigurationError(_lacks(missing)) from None
    return cast("WSGIApplication", wsgi_app(auth))


def _server(app: "WSGIApplication", host: str, port: int, threads: int) -> Any:
    try:
        from waitress.server import create_server  # type: ignore[import-untyped]
    except ModuleNotFoundError as missing:
        raise ConfigurationError(_lacks(missing)) from None
    # What a client says of where it comes from is dropped, and so are fields whose names have underscores.
    return create_server(app, host=host, port=port, threads=threads, ident=None, max_request_body_size=_LARGEST_BODY)


def _lacks(missing: ModuleNotFoundError) -> str:
    return f"{missing.name} is not installed; pip install 'plexe-auth[serve]'"


def _run(server: Any, host: str) -> None:
    ended_by: list[int] = []

    def end(number: int, _frame: object) -> NoReturn:
        ended_by.append(number)
        raise KeyboardInterrupt  # which waitress takes as a word to finish

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, end)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    click.echo(f"Serving on http://{host}:{server.effective_port}", err=True)
    try:
        server.run()
    finally:
        server.close()
    if signal.SIGINT in ended_by:
        raise click.exceptions.Exit(_INTERRUPTED)
