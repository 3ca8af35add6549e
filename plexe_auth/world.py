"""The outside world as one value: where rows are kept, what time it is, how we were set up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from plexe_auth.errors import ConfigurationError
from plexe_auth.settings import Settings
from plexe_auth.storage.store import AsyncStore

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the host's time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class World:
    """All that the services may ask of the outside."""

    store: AsyncStore
    settings: Settings
    clock: Clock
    mailer: object | None = None

    def now(self) -> datetime:
        """Return the time of the host's clock, in UTC.

        Raises:
            ConfigurationError: the clock gives something else than an aware `datetime`.
        """
        now = self.clock()
        if not _is_aware(now):
            raise ConfigurationError("the clock must return a datetime with a time zone")
        return now.astimezone(UTC)


def _is_aware(now: object) -> bool:
    return isinstance(now, datetime) and now.utcoffset() is not None
