"""Opening what the tests of the access log look at, and closing the log alone, before its store."""

from typing import Any

from plexe_auth import Auth
from plexe_auth.bridge import finish
from tests.faces import Plainly


def wired(auth: Any) -> Any:
    """Return `auth`, whose access log is at work."""
    return auth


def opened(url: str, **more: Any) -> Any:
    """Return an `Auth`."""
    return Auth.open(url, **more)


def closed(auth: Any) -> None:
    """Close the access log; whoever opened it closes the rest."""
    closing = auth.world.journal.close()
    auth.loop.run(closing) if isinstance(auth, Plainly) else finish(closing)
