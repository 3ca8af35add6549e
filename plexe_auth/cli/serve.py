"""``plexe-auth serve``: the REST API, and the Console below ``/console``, until it is told to stop."""

import os
from dataclasses import replace

import click

from plexe_auth.cli.opened import opened, url_option
from plexe_auth.cli.posting import mailer_of
from plexe_auth.cli.refused import refused
from plexe_auth.cli.serving import Later, here, listening, run, waitress
from plexe_auth.cli.side_by_side import CONSOLE, apps_of, side_by_side
from plexe_auth.model.links import Links
from plexe_auth.model.policy import Policy
from plexe_auth.settings import Settings


@click.command()
@url_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="How many answer at once.")
@click.option("--no-console", is_flag=True, help="Only the API.")
@click.option(
    "--trusted-proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="A proxy, or a network of them, that is believed who asks and whether by HTTPS. May be given several times.",
)
def serve(url: str, host: str, port: int, threads: int, no_console: bool, proxies: tuple[str, ...]) -> None:
    """Serve the REST API, and the Console at /console. It speaks plain HTTP: put a proxy with HTTPS in front.

    PLEXE_AUTH_BASE_URL says where people find the Console, such as https://auth.example.com/console; without it, they
    find it on this machine. PLEXE_AUTH_SMTP_URL and PLEXE_AUTH_SENDER name a mail server; without them, letters are
    written to standard error. Browsers take the Console's cookies over HTTPS, and on http://localhost.
    """
    with refused(as_json=False):
        later = Later()
        server = listening(waitress(), later, host, port, threads)
        try:
            given = Settings.from_env(os.environ)
            settings = replace(given, base_url=given.base_url or here(server) + CONSOLE)
            # Behind a proxy with HTTPS we see plain HTTP; what a browser calls our origin is that of the base URL.
            policy = Policy(trusted_proxies=proxies, origins=(Links(settings.base_url or "").origin,))
            with opened(url, settings, mailer_of(os.environ)) as auth:
                api, pages = apps_of(auth, policy)
                later.app = api if no_console else side_by_side(api, pages)
                run(server, () if no_console else (f"Console: {settings.base_url}",))
        finally:
            server.close()
