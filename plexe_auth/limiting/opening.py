"""From a setting to a limiter. What it needs is imported here and not before."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from plexe_auth.clock import Clock, counting, system_clock
from plexe_auth.errors import ConfigurationError
from plexe_auth.limiting.limiter import Limiter
from plexe_auth.limiting.memory import MemoryLimiter
from plexe_auth.limiting.outage import Guarded
from plexe_auth.settings import Settings
from plexe_auth.storage.store import AsyncStore

if TYPE_CHECKING:
    from plexe_auth.limiting.limiter import Ticks

# Valkey speaks Redis's language; one client serves both.
_REDIS = {"redis": "redis", "rediss": "rediss", "valkey": "redis", "valkeys": "rediss"}


def open_limiter(settings: Settings, store: AsyncStore, clock: Clock, *, blocking: bool) -> Limiter:
    """Return the limiter that `settings.rate_storage` names.

    Raises:
        ConfigurationError: there is none of that name, its client is not installed, or it does not offer the strategy.
    """
    ticks = counting(clock)
    scheme = urlsplit(settings.rate_storage).scheme
    if scheme == "memory" or (settings.rate_storage == "store" and getattr(store, "caches", None) is not None):
        return MemoryLimiter(ticks, settings.rate_strategy)
    floor = MemoryLimiter(ticks, settings.rate_strategy) if settings.rate_outage == "strict" else None
    if settings.rate_storage == "store":
        from plexe_auth.limiting.stored import StoredLimiter

        return Guarded(StoredLimiter(store, ticks, settings.rate_strategy), floor, "the store")
    return Guarded(_remote(settings, scheme, clock, ticks, blocking=blocking), floor, _place(settings.rate_storage))


def _remote(settings: Settings, scheme: str, clock: Clock, ticks: "Ticks", *, blocking: bool) -> Limiter:
    try:
        if scheme == "memcached":
            return _memcached(settings, ticks, blocking=blocking)
        if scheme in _REDIS:
            return _redis(settings, scheme, clock, ticks, blocking=blocking)
    except ModuleNotFoundError as error:
        extra = "memcached" if scheme == "memcached" else "redis"
        message = f"{error.name} is not installed; install plexe-auth[{extra}] for this rate_storage"
        raise ConfigurationError(message) from None
    raise ConfigurationError(
        'rate_storage is "store", memory://, or the URL of a server: redis, rediss, valkey, valkeys or memcached'
    )


def _memcached(settings: Settings, ticks: "Ticks", *, blocking: bool) -> Limiter:
    if settings.rate_strategy == "moving":
        raise ConfigurationError('Memcached offers rate_strategy "sliding" and "fixed", not "moving"')
    from plexe_auth.limiting.memcached import MemcachedLimiter
    from plexe_auth.limiting.threads import Threads

    limiter = MemcachedLimiter(settings.rate_storage, ticks, settings.rate_strategy)
    return limiter if blocking else Threads(limiter)


def _redis(settings: Settings, scheme: str, clock: Clock, ticks: "Ticks", *, blocking: bool) -> Limiter:
    from plexe_auth.limiting.redis import RedisLimiter, script
    from plexe_auth.limiting.servers import Awaited, Blocking

    url = _REDIS[scheme] + settings.rate_storage[len(scheme) :]
    server = (Blocking if blocking else Awaited)(url, script(settings.rate_strategy))
    now = None if clock is system_clock else lambda: ticks() // 1000
    return RedisLimiter(server, now, settings.rate_strategy)


def _place(url: str) -> str:
    """Return where a server is, without its password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
