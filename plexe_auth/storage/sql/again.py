"""The URL by which another process opens the same database: it may hold a password, so it never prints itself."""

from pathlib import Path

import sqlalchemy as sa

from plexe_auth.secret import Secret
from plexe_auth.storage.sql.engine import in_memory


def again(url: sa.URL) -> Secret | None:
    """Return the URL without its driver, for either colour; ``None`` where no other process gets there by it."""
    plain = url.set(drivername=url.get_backend_name())
    if plain.drivername == "sqlite":
        if in_memory(url) or str(url.database).startswith("file:"):  # a URI's path may depend on where one stands
            return None
        plain = plain.set(database=str(Path(str(url.database)).resolve()))
    try:
        return Secret(plain.render_as_string(hide_password=False))
    except UnicodeEncodeError:  # a file's name need not be text
        return None
