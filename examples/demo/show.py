"""All of it in order: API and Console come up, the tour is led, and they stay up or go, with everything they left."""

import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from examples.demo.api import create_app
from examples.demo.guide import Guide
from examples.demo.screen import Screen, Span
from examples.demo.serving import listening, port_of, serving
from examples.demo.tour import Keys, tour
from plexe_auth import Auth, console
from plexe_auth.cli.demo import behind_a_door, checked, invitation, settings
from plexe_auth.cli.seeding import Hands, seed
from plexe_auth.cli.side_by_side import CONSOLE
from plexe_auth.mail.console import ConsoleMailer

_WHERE_TO_CLICK = (
    ("API keys", "Create a key: it is shown once, with a button that copies it. Open one to rotate or revoke it."),
    ("Access logs", "What the tour asked just now is there: filter it by outcome, or download it."),
    ("Usage", "Allowed and denied, by day and by key."),
    ("Members", "Ada may invite others, and change what they may do."),
    ("Security", "Add an authenticator app or a passkey, and sign out other sessions."),
)


def show(screen: Screen, *, once: bool) -> bool:
    """Return whether every answer was as promised."""
    hands = Hands()
    with tempfile.TemporaryDirectory(prefix="plexe_auth-demo-") as folder, listening() as listener:
        url = f"sqlite:///{Path(folder, 'auth.db').as_posix()}"
        # By that name: from there browsers take cookies that are for HTTPS.
        place = f"http://localhost:{port_of(listener)}{CONSOLE}"
        with Auth.open(url, settings=settings(place), clock=hands, mailer=ConsoleMailer()) as auth:
            seeded = seed(auth, hands)
            door, app = behind_a_door(auth, seeded, console.wsgi_app(auth)), create_app(auth)
            app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {CONSOLE: door})  # type: ignore[method-assign]
            with serving(listener, app) as base:
                _introduce(screen, base, place, folder)
                guide = Guide(base, screen)
                keys = tour(guide, auth)
                auth.log.flush()  # so that the Console shows it at once, not in a second
                _conclude(screen, guide)
                if not guide.broken and once:
                    screen.line(Span(f"✓ All {checked(door)} pages of the Console answer.", "good"))
                elif not guide.broken:
                    _stay_up(screen, base, keys, invitation(place, door, seeded))
    screen.line()
    screen.line(Span("The API has stopped, and its database is gone.", "dim"))
    return not guide.broken


def _introduce(screen: Screen, base: str, place: str, folder: str) -> None:
    screen.line(Span("plexe_auth", "bold"), " · a protected API, and a tour of it")
    screen.line()
    for name, where in (("API", base), ("Console", place), ("database", str(Path(folder, "auth.db")))):
        screen.line(Span(f"   {name:<10}", "dim"), where)


def _conclude(screen: Screen, guide: Guide) -> None:
    screen.line()
    if guide.broken:
        screen.line(Span(f"✗ {guide.broken} of {guide.asked} answers were not as promised.", "bad"))
    else:
        screen.line(Span(f"✓ All {guide.asked} answers were as promised.", "good"))


def _invite(screen: Screen, base: str, keys: Keys) -> None:
    lines = (
        ("200", f"{base}/models", keys.read_only),
        ("403", f"-X PUT {base}/models/mine", keys.read_only),
        ("201", f"-X PUT {base}/models/mine", keys.read_write),
        ("401", f"{base}/models", keys.revoked),
    )
    screen.line()
    screen.line("The API stays up. Paste a line into another terminal; ", Span("Ctrl-C", "bold"), " stops it.")
    for status, request, key in lines:
        screen.line()
        screen.line(Span(f"   # {status}", "dim"))
        screen.line(f"   curl -i {request} -H 'x-api-key: ", Span(key, "key"), "'")


def _invite_to_console(screen: Screen, lines: list[str]) -> None:
    screen.line()
    screen.line("The Console is open, with keys and two days of requests. Click, or paste into a browser:")
    screen.line()
    for line in lines:
        screen.line(f"   {line}")
    screen.line()
    for page, what in _WHERE_TO_CLICK:
        screen.line(Span(f"   {page:<13}", "bold"), what)


def _stay_up(screen: Screen, base: str, keys: Keys, console: list[str]) -> None:
    with suppress(KeyboardInterrupt):
        _invite_to_console(screen, console)
        _invite(screen, base, keys)
        threading.Event().wait()
