"""A list goes on where the page before it ended; shown again with a form that was refused, it begins anew."""

from msgspec import Struct

from plexe_auth.console.visit import Visit


class Listed(Struct):
    """Which part of a list."""

    after: str | None = None


def after(visit: Visit) -> str | None:
    """Return what the page before gave as its next; ``None`` at the beginning."""
    return visit.query.after if isinstance(visit.query, Listed) else None
