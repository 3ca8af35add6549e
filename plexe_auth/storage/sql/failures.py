"""What a database's errors mean: taken, lost to another transaction, or no answer."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from plexe_auth.errors import AuthError, Conflict, Unavailable

T = TypeVar("T")

# Deadlock victims and serialization failures: the database has undone the transaction and asks to run it again.
# PostgreSQL SQLSTATE 40001, 40P01; MariaDB and MySQL 1213 (deadlock), 1020 (changed since read).
_SQLSTATES = ("40001", "40P01")
_MYSQL_CODES = (1213, 1020)


def lost_race(error: SQLAlchemyError) -> bool:
    """Tell whether the database undid the transaction only because another one came first."""
    if not isinstance(error, DBAPIError):
        return False
    cause = error.orig
    return (
        getattr(cause, "sqlstate", None) in _SQLSTATES or next(iter(getattr(cause, "args", ())), None) in _MYSQL_CODES
    )


def disconnected(error: SQLAlchemyError) -> bool:
    """Tell whether the connection is gone, as an idle one is after the server was restarted."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def refusal(error: SQLAlchemyError) -> AuthError:
    """Return the error to raise in its place."""
    return Conflict() if isinstance(error, IntegrityError) else Unavailable()


def attempted(act: Callable[[], T], again: Callable[[SQLAlchemyError], bool], times: int) -> T:
    """Return what `act` returns, acting anew where `again` says of an error that nothing was done.

    Raises:
        Conflict: a value is taken.
        Unavailable: the database does not answer, or `times` attempts were in vain.
    """
    for attempt in range(1, times + 1):
        try:
            return act()
        except SQLAlchemyError as error:
            if attempt == times or not again(error):
                raise refusal(error) from error
    raise Unavailable
