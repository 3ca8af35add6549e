"""Which folder a database's spools lie in: one for each database, so that no line is ever stored in another one."""

import os
from pathlib import Path

from plexe_auth.storage.place import EPHEMERAL, Place


def spool_folder(spool_dir: str | None, place: Place | None) -> Path | None:
    """Return the folder, or ``None`` where lines are kept in memory alone.

    Args:
        spool_dir: the setting of that name.
        place: where the database is; ``None`` for a store that does not tell, which then needs a folder of its own.
    """
    if place == EPHEMERAL or (place is None and spool_dir is None):
        return None
    if spool_dir is not None:
        return Path(spool_dir).absolute() / ("store" if place is None else place.name)
    if place is not None and place.beside is not None:
        return Path(place.beside)
    return _state() / "plexe_auth" / "spool" / ("store" if place is None else place.name)


def _state() -> Path:
    named = os.environ.get("XDG_STATE_HOME", "")
    return Path(named) if named.startswith("/") else Path.home() / ".local" / "state"
