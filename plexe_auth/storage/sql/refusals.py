"""What goes wrong while a database is opened, as our errors; none holds a password, or an option of the URL."""

from collections.abc import Generator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, ProgrammingError, SQLAlchemyError

from plexe_auth.errors import ConfigurationError, Unavailable
from plexe_auth.secret import without_frames

_EXTRAS = {"psycopg": "postgresql", "pymysql": "mysql", "asyncmy": "mysql"}
_NO_DATABASE = {
    "SQLITE_CANTOPEN": "cannot be opened: is its folder there, and may we write to it?",
    "SQLITE_NOTADB": "is no SQLite database",
    "SQLITE_READONLY": "has no plexe_auth schema, and cannot be written to",
}


@contextmanager
def explained(url: sa.URL) -> Generator[None]:
    """Turn what others raise within the block into our errors.

    Raises:
        ConfigurationError: the driver is not installed, the URL has an option that it does not take, or there is no
            database.
        Unavailable: the database does not answer.
    """
    try:
        yield
    except ImportError as error:
        driver = url.get_driver_name()
        extra = _EXTRAS[driver]
        raise ConfigurationError(f"the driver {driver} is not installed; pip install 'plexe-auth[{extra}]'") from error
    except (TypeError, ValueError, ProgrammingError) as error:
        raise ConfigurationError(f"{place(url)} was given an option that its driver does not take") from without_frames(
            error
        )
    except SQLAlchemyError as error:
        cause = error.orig if isinstance(error, DBAPIError) else None
        if what := _NO_DATABASE.get(getattr(cause, "sqlite_errorname", "")):
            raise ConfigurationError(f"{place(url)} {what}") from without_frames(error)
        raise Unavailable from without_frames(error)


def place(url: sa.URL) -> str:
    """Return the URL as it may be shown."""
    return url.set(query={}).render_as_string(hide_password=True)
