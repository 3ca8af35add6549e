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


def checked(settings: Settings | None, clock: Clock | None) -> tuple[Settings, Clock]:
    """Return settings and a clock, the usual ones where none were given.

    Raises:
        ConfigurationError: they are something else. It is told before anything is opened.
    """
    settings = Settings() if settings is None else settings
    clock = system_clock if clock is None else clock
    if not isinstance(settings, Settings):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
        raise ConfigurationError("settings must be a plexe_auth.Settings")
    if not callable(clock):
        raise ConfigurationError("the clock must be something to call that returns a datetime")
    return settings, clock


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
