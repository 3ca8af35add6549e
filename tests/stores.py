"""Every store under test: how a fresh one is reached by URL, and how many there are."""

import shutil
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from plexe_auth import Auth
from plexe_auth.storage.sql.prepare import HEAD
from plexe_auth.storage.sql.schema import VERSION_TABLE
from plexe_auth.storage.sql.url import resolve
from plexe_auth.storage.tables import PREFIX, TABLES

STORES = ("memory", "sqlite", "sqlite-rollback", "postgresql", "mariadb")
SHARED = STORES[1:]  # those that several processes can open


def sqlite_url(template: Path, folder: Path, *, rollback: bool) -> str:
    """Return the URL of a new SQLite file with the schema in it, copied, which is quicker than made."""
    if not template.exists():
        Auth.open(f"sqlite:///{template}?journal=delete").close()
    file = folder / "auth.db"
    shutil.copy(template, file)
    return f"sqlite:///{file}" + ("?journal=delete" if rollback else "")


def emptied(url: str) -> str:
    """Return the URL of a server's database, with the schema in it and no rows."""
    engine = sa.create_engine(resolve(url, blocking=True), poolclass=sa.NullPool)
    try:
        _empty(engine)
    except (SQLAlchemyError, LookupError):
        Auth.open(url, migrate=True).close()  # which takes long, so that it is not done for nothing
        _empty(engine)
    return url


def _empty(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        if connection.exec_driver_sql(f"SELECT version_num FROM {VERSION_TABLE}").scalar() != HEAD:
            raise LookupError("the schema is not this version's")
        for table in TABLES:
            connection.exec_driver_sql(f"DELETE FROM {PREFIX}{table}")
