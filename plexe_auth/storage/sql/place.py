"""A database's place by its URL: credentials and driver play no part in it, for they change while the rows stay."""

from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa

from plexe_auth.storage.place import EPHEMERAL, Place
from plexe_auth.storage.sql.engine import in_memory

_CREDENTIALS = ("pass", "user", "ssl", "timeout")


def of_url(url: sa.URL) -> Place:
    """Return where the database at `url` is."""
    if url.get_backend_name() == "sqlite":
        return EPHEMERAL if in_memory(url) else _file(str(url.database))
    kind = "mysql" if url.get_backend_name() == "mariadb" else url.get_backend_name()
    more = sorted((name, str(value)) for name, value in url.query.items() if not _is_credential(name))
    return Place(_name(repr((kind, url.host, url.port, url.database, more))))


def file_of(url: sa.URL) -> Path | None:
    """Return the file that a database is, or ``None`` where it is none, or a URI with options of its own."""
    named = url.get_backend_name() == "sqlite" and not in_memory(url) and not str(url.database).startswith("file:")
    return Path(str(url.database)) if named else None


def has_password(url: sa.URL) -> bool:
    """Tell whether a password stands in the URL."""
    return url.password is not None or any("pass" in name for name in url.query)


def _is_credential(name: str) -> bool:
    return any(part in name for part in _CREDENTIALS)


def _file(database: str) -> Place:
    if database.startswith("file:"):  # a URI with options of its own; beside it would be a guess
        return Place(_name(database))
    path = str(Path(database).resolve())
    return Place(_name(path), f"{path}-spool")


def _name(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]
