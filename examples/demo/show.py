"""All of it in order: the API comes up, the tour is led, and the API stays up or goes, with everything it left."""

import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from examples.demo.api import create_app
from examples.demo.guide import Guide
from examples.demo.screen import Screen, Span
from examples.demo.serving import serving
from examples.demo.tour import Keys, tour
from plexe_auth import Auth


def show(screen: Screen, *, once: bool) -> bool:
    """Return whether every answer was as promised."""
    with (
        tempfile.TemporaryDirectory(prefix="plexe_auth-demo-") as folder,
        Auth.open(f"sqlite:///{Path(folder, 'auth.db').as_posix()}") as auth,
        serving(create_app(auth)) as base,
    ):
        screen.line(Span("plexe_auth", "bold"), " · a protected API, and a tour of it")
        screen.line()
        screen.line(Span("   API       ", "dim"), base)
        screen.line(Span("   database  ", "dim"), str(Path(folder, "auth.db")))
        guide = Guide(base, screen)
        keys = tour(guide, auth)
        _conclude(screen, guide)
        if not once and not guide.broken:
            _stay_up(screen, base, keys)
    screen.line()
    screen.line(Span("The API has stopped, and its database is gone.", "dim"))
    return not guide.broken


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


def _stay_up(screen: Screen, base: str, keys: Keys) -> None:
    with suppress(KeyboardInterrupt):
        _invite(screen, base, keys)
        threading.Event().wait()
