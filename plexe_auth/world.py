"""The outside world as one value: where rows are kept, what time it is, how we were set up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from plexe_auth.cache.cache import Cache
from plexe_auth.cache.elapsed import Pause, blocking_pause, loop_pause
from plexe_auth.cache.epoch import KEYS, SESSIONS, Epoch
from plexe_auth.cache.known import Known, unpacked
from plexe_auth.cache.signed_in import SignedInAs
from plexe_auth.clock import Clock, counting, system_clock, told_by
from plexe_auth.errors import ConfigurationError
from plexe_auth.hashing.hasher import Hasher
from plexe_auth.hashing.parameters import COSTS
from plexe_auth.identifier import RequestIds
from plexe_auth.journal.journal import Journal
from plexe_auth.limiting.limiter import Limiter
from plexe_auth.limiting.memory import MemoryLimiter
from plexe_auth.limiting.opening import open_limiter
from plexe_auth.model.inert import inert
from plexe_auth.model.links import Links
from plexe_auth.settings import Settings
from plexe_auth.storage.forking import forget_when_forked
from plexe_auth.storage.store import AsyncStore

if TYPE_CHECKING:  # nobody loads mail who has no mailer, and nobody TLS who asks no other server
    from plexe_auth.breaches import Breaches
    from plexe_auth.fetch.port import AsyncFetch, Fetch
    from plexe_auth.mail.letters import Letters
    from plexe_auth.mail.mailer import AsyncMailer, Mailer
    from plexe_auth.mail.outbox import Outbox

_HERE = "http://localhost:8000"


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
    """All that the services may ask of the outside, and what this process remembers of it.

    Attributes:
        store: where rows are kept.
        settings: how we were set up.
        clock: what tells the time.
        is_async: it is used on event loops.
        mailer: what sends mail.
        own_letters: what the host writes instead of ours.
        own_fetch: what asks other servers instead of ours.
        nanoseconds: the clock's time, in nanoseconds since 1970.
        pause: waits, without holding up an event loop.
        cache: good keys.
        epoch: whether these may be believed.
        session_cache: good sessions.
        session_epoch: whether these may be believed.
        limiter: counts requests.
        throttle: counts guesses, each process for itself.
        hasher: hashes passwords.
        product: what people know the host's product as.
        links: builds the links in letters.
        outbox: sends them; ``None`` where there is no mailer.
        breaches: who knows passwords from breaches; ``None`` where nobody is asked.
        journal: what is told to the access log.
        request_ids: what requests are called that bring no name of their own.
    """

    store: AsyncStore
    settings: Settings
    clock: Clock
    is_async: bool
    mailer: "Mailer | AsyncMailer | None" = None
    own_letters: "Letters | None" = None
    own_fetch: "Fetch | AsyncFetch | None" = None
    nanoseconds: Callable[[], int] = field(init=False)
    pause: Pause = field(init=False)
    cache: Cache[Known] = field(init=False)
    epoch: Epoch = field(init=False)
    session_cache: Cache[SignedInAs] = field(init=False)
    session_epoch: Epoch = field(init=False)
    limiter: Limiter = field(init=False)
    throttle: MemoryLimiter = field(init=False)
    hasher: Hasher = field(init=False)
    product: str = field(init=False)
    links: Links = field(init=False)
    outbox: "Outbox | None" = field(init=False)
    breaches: "Breaches | None" = field(init=False)
    journal: Journal = field(init=False)
    request_ids: RequestIds = field(init=False)

    def __post_init__(self) -> None:
        keys = Cache(self.settings.cache_entries, unpacked)
        sessions = Cache(self.settings.cache_entries, SignedInAs)
        staleness = self.settings.max_staleness.total_seconds()
        pause: Pause = loop_pause if self.is_async else blocking_pause
        made = {
            "nanoseconds": counting(self.clock),
            "pause": pause,
            "cache": keys,
            "epoch": Epoch(self.store, KEYS, keys, staleness, pause),
            "session_cache": sessions,
            "session_epoch": Epoch(self.store, SESSIONS, sessions, staleness, pause),
            "limiter": open_limiter(self.settings, self.store, self.clock, blocking=not self.is_async),
            "throttle": MemoryLimiter(counting(self.clock)),
            "hasher": Hasher(
                COSTS[self.settings.hash_cost],
                parallel=self.settings.parallel_hashes,
                is_async=self.is_async,
                older=self.settings.older_hash,
            ),
            "product": self._named(),
            "links": Links(self.settings.base_url or _HERE),
            "outbox": self._opened_outbox(),
            "breaches": self._opened_breaches(),
            "journal": Journal(self.store, self.settings, is_async=self.is_async),
            "request_ids": RequestIds(),
        }
        for name, part in made.items():
            object.__setattr__(self, name, part)
        for forgetful in (self.cache, self.epoch, self.session_cache, self.session_epoch, self.request_ids):
            forget_when_forked(forgetful)

    def _named(self) -> str:
        if self.own_letters is not None:
            return self.own_letters.product
        name = inert(self.settings.product or urlsplit(self.settings.base_url or _HERE).hostname or "")
        if not name:
            raise ConfigurationError("product must be a name that can be seen; letters say it")
        return name

    def _opened_outbox(self) -> "Outbox | None":
        if self.mailer is None:
            return None
        from plexe_auth.mail.mailer import reaches_people
        from plexe_auth.mail.outbox import Outbox

        if self.settings.base_url is None and reaches_people(self.mailer):
            raise ConfigurationError(
                "a mail server needs Settings(base_url=…): links in letters have to lead somewhere"
            )
        return Outbox(self.mailer, is_async=self.is_async)

    def _opened_breaches(self) -> "Breaches | None":
        if self.settings.breach_check is None:
            return None
        from plexe_auth.breaches import SECONDS, Breaches

        return Breaches(self.settings.breach_check, self.fetch(SECONDS))

    @property
    def letters(self) -> "Letters":
        """What we write to people."""
        from plexe_auth.mail.letters import Letters

        return self.own_letters or Letters(self.product)

    async def close(self) -> None:
        """Write what is pending, and give everything back."""
        try:
            if self.outbox is not None:
                await self.outbox.close()
            await self.journal.close()
        finally:
            try:
                await self.limiter.close()
            finally:
                try:
                    await self.hasher.close()
                finally:
                    await self.store.close()

    def fetch(self, seconds: float | None = None) -> "AsyncFetch":
        """Return what asks other servers.

        Args:
            seconds: how long an exchange of ours may take; the host's own takes as long as the host lets it.

        Raises:
            ConfigurationError: the extra ``oauth`` is not installed, or the host's own is of the wrong colour.
        """
        from plexe_auth.fetch.message import SECONDS
        from plexe_auth.fetch.opening import open_fetch
        from plexe_auth.fetch.port import SettledFetch, asynchronous_fetch

        own = self.own_fetch
        if own is None:
            return open_fetch(is_async=self.is_async, seconds=seconds or SECONDS)
        if self.is_async:
            return asynchronous_fetch(own)  # type: ignore[arg-type]  # it looks
        return own if isinstance(own, SettledFetch) else SettledFetch(own)  # type: ignore[arg-type]  # so does this

    @property
    def can_mail_codes(self) -> bool:
        """Whether codes may be sent to addresses that were proven."""
        return self.outbox is not None and self.settings.mfa_by_mail

    def now(self) -> datetime:
        """Return the time of the host's clock, in UTC.

        Raises:
            ConfigurationError: the clock gives something else than an aware `datetime`.
        """
        return told_by(self.clock)
