"""``plexe-auth demo``: the Console and the API over made-up people and keys, in memory, gone when it ends."""

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import click

from plexe_auth.auth import Auth
from plexe_auth.cli.once import Once
from plexe_auth.cli.refused import refused
from plexe_auth.cli.seeding import Hands, Seeded, seed
from plexe_auth.cli.serving import Later, here, listening, run, waitress
from plexe_auth.cli.side_by_side import CONSOLE, apps_of, side_by_side
from plexe_auth.errors import ConfigurationError
from plexe_auth.mail.console import ConsoleMailer
from plexe_auth.model.policy import Policy
from plexe_auth.secret import random_text
from plexe_auth.service.signed_in import SignedIn
from plexe_auth.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_HOST, _THREADS = "127.0.0.1", 8
_FIRST = "/keys"
_SHOWN = (_FIRST, "/new-key", "/logs", "/usage", "/members", "/security", "/assets/console.css")


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--once", is_flag=True, help="Look whether the pages answer, and end.")
def demo(port: int, once: bool) -> None:
    """Show the Console with made-up people and keys. It is on this machine alone, in memory, and gone when it ends."""
    with refused(as_json=False):
        later, hands = Later(), Hands()
        server = listening(waitress(), later, _HOST, 0 if once else port, _THREADS)
        try:
            place = here(server) + CONSOLE
            with Auth.open("memory://", settings=settings(place), clock=hands, mailer=ConsoleMailer()) as auth:
                seeded = seed(auth, hands)
                api, pages = apps_of(auth, Policy())
                door = behind_a_door(auth, seeded, pages)
                later.app = side_by_side(api, door)
                click.echo("\n".join(invitation(place, door, seeded)))
                if once:
                    click.echo(f"All {checked(door)} pages answer.")
                else:
                    run(server)
        finally:
            server.close()


def settings(place: str) -> Settings:
    """Return the settings of a demo; its secret is as short-lived as what it keeps."""
    return Settings(base_url=place, product="plexe_auth demo", secret_keys=(random_text(48),))


def behind_a_door(auth: Auth, seeded: Seeded, pages: "WSGIApplication") -> Once:
    """Return the Console behind a door that opens once and lets Ada in."""

    def enters() -> SignedIn:
        return cast("SignedIn", auth.sign_in.with_password(seeded.email, seeded.password.reveal()))

    return Once(pages, enters, _FIRST)


def invitation(place: str, door: Once, seeded: Seeded) -> list[str]:
    """Return what people are told of how to get in."""
    return [
        f"Be Ada at once:  {place}{door.path}   (this link works once)",
        f"Or sign in:      {place}/sign-in",
        f"  as             {seeded.email}, grace@example.com (admin) or alan@example.com (viewer)",
        f"  password       {seeded.password.reveal()}",
    ]


def checked(door: Once) -> int:
    """Go in by the door and look at the pages, and return how many there are. The door is closed afterwards.

    Raises:
        ConfigurationError: one does not answer as it should.
    """
    status, headers = asked(door, door.path)
    cookie = headers.get("set-cookie", "").partition(";")[0]
    wrong = [] if (status, bool(cookie)) == (303, True) else ["the door"]
    wrong += [path for path in _SHOWN if asked(door, path, cookie)[0] != 200]
    wrong += [_FIRST] if asked(door, _FIRST)[0] != 303 else []  # who has not signed in sees no keys
    if wrong:
        raise ConfigurationError(f"the demo's pages do not answer: {', '.join(wrong)}")
    return len(_SHOWN)


def asked(app: "WSGIApplication", path: str, cookie: str = "") -> tuple[int, Mapping[str, str]]:
    """Return the status and the headers with which an app answers a browser on this machine."""
    environ: dict[str, Any] = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": CONSOLE, "PATH_INFO": path, "QUERY_STRING": ""}
    environ |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost", "REMOTE_ADDR": _HOST}
    environ |= {"wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO()}
    begun: list[tuple[int, Mapping[str, str]]] = []

    def start(status: str, headers: list[tuple[str, str]], _failure: object = None) -> Callable[[bytes], object]:
        begun.append((int(status[:3]), {name.lower(): value for name, value in headers}))
        return len

    list(app({**environ, **({"HTTP_COOKIE": cookie} if cookie else {})}, cast("Any", start)))
    return begun[-1]
