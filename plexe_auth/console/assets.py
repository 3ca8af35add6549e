"""What pages load beside themselves: a stylesheet, two scripts, the host's logo and colours; all are for everybody."""

import functools
from pathlib import Path

from plexe_auth.console.look import LOGOS
from plexe_auth.console.rendering import HARDENED
from plexe_auth.console.services import Services
from plexe_auth.console.visit import PUBLIC, Page, Visit
from plexe_auth.errors import NotFound
from plexe_auth.web.answering import tag
from plexe_auth.wire import Response

_FOLDER = Path(__file__).parent / "static"
_KINDS = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


async def asset(services: Services, visit: Visit) -> Response:
    """Return a file of ours, or what the host's look adds to them."""
    look = services.draw.look
    if visit.id in _KINDS:
        return _told(visit, _KINDS[visit.id], _read(_FOLDER / visit.id))
    if visit.id == "look.css":
        return _told(visit, _KINDS["console.css"], _colours(look.accent, look.accent_dark))
    if visit.id == "logo" and look.logo is not None:
        return _told(visit, LOGOS[look.logo.suffix], _read(look.logo))
    raise NotFound


def _told(visit: Visit, kind: str, data: bytes) -> Response:
    name = tag(data)
    kept = (("etag", name), ("cache-control", "no-cache"))  # asked for again each time, and sent only if it is another
    if visit.exchange.fields.get("if-none-match") == name:
        return Response(304, kept)
    told = (("content-type", kind), ("content-length", str(len(data))))
    return Response(200, (*told, *kept, *HARDENED), data)


@functools.lru_cache(maxsize=16)
def _read(file: Path) -> bytes:
    return file.read_bytes()


def _colours(accent: str, accent_dark: str) -> bytes:
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ --accent: {accent_dark}; }} }}"
    return f":root {{ --accent: {accent}; }}\n{dark}\n".encode()


PAGES = (Page("GET", "/assets/{id}", PUBLIC, asset),)
