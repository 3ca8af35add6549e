"""What a database's errors mean: taken, lost to another transaction, or no answer."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from plexe_auth.errors import Conflict, Unavailable
from plexe_auth.secret import without_frames

T = TypeVar("T")

# Deadlock victims and serialization failures: the database has undone the transaction and asks to run it again.
# PostgreSQL SQLSTATE 40001, 40P01; MariaDB and MySQL 1213 (deadlock), 1020 (changed since read).
_SQLSTATES = ("40001", "40P01")
_MYSQL_CODES = (1213, 1020)


def lost_race(error: SQLAlchemyError) -> bool:
    """Tell whether the database undid the transaction only because another one came first."""
    if not isinstance(error, DBAPIError):
        return False
    told: tuple[object, ...] = getattr(error.orig, "args", ())
    return getattr(error.orig, "sqlstate", None) in _SQLSTATES or any(code in _MYSQL_CODES for code in told[:1])


def disconnected(error: SQLAlchemyError) -> bool:
    """Tell whether the connection is gone, as an idle one is after the server was restarted."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def busy(error: DBAPIError) -> bool:
    """Tell whether SQLite only asks to try again, because somebody else is at the file."""
    return str(getattr(error.orig, "sqlite_errorname", "")).startswith("SQLITE_BUSY")


def attempted(act: Callable[[], T], again: Callable[[SQLAlchemyError], bool], times: int) -> T:
    """Return what `act` returns, acting anew where `again` says of an error that nothing was done.

    Raises:
        Conflict: a value is taken.
        Unavailable: the database does not answer, or `times` attempts were in vain.
    """
    try:
        return act()
    except IntegrityError:
        raise Conflict from None  # its text names the value that was taken
    except SQLAlchemyError as error:
        if times == 1 or not again(error):
            raise Unavailable from without_frames(error)
    return attempted(act, again, times - 1)
