"""Counts in Memcached: one value for each bucket, which is replaced only where nobody has replaced it meanwhile.

Several buckets are counted in one after the other; where a later one refuses, what was counted in earlier ones is taken
back. So it may happen that a request is refused for one that is refused itself, but never that one too many passes.

What Memcached drops for want of memory is forgotten. Moving windows are not offered: they would outgrow a value.
"""

import json
import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol

from plexe_auth.errors import ConfigurationError, Unavailable
from plexe_auth.limiting.books import Counts
from plexe_auth.limiting.counting import Count, told
from plexe_auth.limiting.limiter import PATIENCE, Asked, Strategy, Tally, Ticks, Told, name_of, places
from plexe_auth.model.rate import Window
from plexe_auth.secret import without_frames
from plexe_auth.storage.forking import forget_when_forked

_TURNS = 1000
_SLACK = 3600
Page = dict[int, Count]


class Client(Protocol):
    """As much as is needed of pymemcache's clients."""

    def gets(self, key: str) -> tuple[bytes | None, bytes | None]:
        """Return the value and its mark."""
        ...

    def add(self, key: str, value: str, expire: int, noreply: bool) -> bool:
        """Set the value if there is none."""
        ...

    def cas(self, key: str, value: str, cas: bytes | None, expire: int, noreply: bool) -> bool | None:
        """Set the value if it still has that mark."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


class MemcachedLimiter:
    """A blocking `Limiter` on one or several Memcached servers; `Threads` lends it to an event loop."""

    hit_now = None

    def __init__(self, url: str, ticks: Ticks, strategy: Strategy = "sliding") -> None:
        # Imported first, because limits has its own word for a client that is missing.
        from pymemcache.exceptions import MemcacheError  # type: ignore[import-untyped]

        self._errors: tuple[type[Exception], ...] = (MemcacheError, OSError)
        self._url = url
        self._ticks = ticks
        self._strategy = strategy
        self._book = Counts(sliding=strategy == "sliding")
        self._others: list[Client] = []
        self._client = _client(url)
        forget_when_forked(self)

    def forget(self) -> None:
        """In a forked child: leave the parent's connections alone."""
        self._others.append(self._client)
        self._client = _client(self._url)

    async def hit(self, *asked: Asked) -> Tally:
        """See `Limiter`. It never suspends."""
        return self.count(asked)

    async def close(self) -> None:
        """See `Limiter`."""
        self._client.close()

    def count(self, asked: Sequence[Asked]) -> Tally:
        """Do what `hit` does."""
        try:
            return self._all_or_none(asked)
        except self._errors as error:
            raise Unavailable from without_frames(error)

    def _all_or_none(self, asked: Sequence[Asked]) -> Told:
        done: list[tuple[str, Mapping[int, Count]]] = []
        tallies: list[Told] = []
        for bucket, found in groupby(places(asked), key=lambda place: place[0]):
            key = f"plexe_auth:rate:{self._strategy}:{name_of(bucket)}"
            tally, page = self._count(key, [window for _bucket, window in found])
            if not tally.allowed:
                for counted in done:
                    self._take_back(*counted)
                return tally
            done.append((key, page))
            tallies.append(tally)
        return min(tallies, key=lambda tally: tally.remaining)

    def _count(self, key: str, windows: Sequence[Window]) -> tuple[Told, Mapping[int, Count]]:
        for _turn in range(_TURNS):
            page, mark = self._page(key)
            now = self._ticks() // 1000
            went_back = any(now < page[window.seconds].starts_at for window in windows if window.seconds in page)
            tally = told([self._book.look(page, window, now) for window in windows])
            if not tally.allowed:
                if went_back:  # or it would be locked until the clock is back
                    self._replace(key, page, mark)
                return tally, {}
            for window in windows:
                self._book.take(page, window.seconds, now)
            if self._replace(key, page, mark):
                return tally, {window.seconds: page[window.seconds] for window in windows}
        raise Unavailable

    def _take_back(self, key: str, counted: Mapping[int, Count]) -> None:
        for _turn in range(_TURNS):
            page, mark = self._page(key)
            changed = page | {seconds: less(page[seconds], counted[seconds]) for seconds in counted if seconds in page}
            if changed == page or self._replace(key, changed, mark):
                return

    def _page(self, key: str) -> tuple[Page, bytes | None]:
        value, mark = self._client.gets(key)
        found: list[tuple[int, int, int, int]] = json.loads(value) if value else []
        return {seconds: Count(*numbers) for seconds, *numbers in found}, mark

    def _replace(self, key: str, page: Page, mark: bytes | None) -> bool:
        value = json.dumps([(seconds, *count) for seconds, count in page.items()])
        expire = int(time.time()) + 2 * max(page) + _SLACK  # in seconds since 1970, as what lasts over 30 days must be
        if mark is None:
            return bool(self._client.add(key, value, expire, noreply=False))
        return bool(self._client.cas(key, value, mark, expire, noreply=False))


def less(now: Count, then: Count) -> Count:
    """Return a window without one request that was counted when it stood like `then`."""
    if now.starts_at == then.starts_at:
        return now._replace(hits=max(0, now.hits - 1))
    return now


def _client(url: str) -> Any:
    from limits.errors import ConfigurationError as Wrong
    from limits.storage import MemcachedStorage

    options: dict[str, Any] = {"connect_timeout": PATIENCE, "timeout": PATIENCE, "no_delay": True}
    if "," in url:
        options["use_pooling"] = True
    try:
        return MemcachedStorage(url, **options).storage
    except (Wrong, TypeError):
        raise ConfigurationError("rate_storage is no URL of Memcached servers: memcached://host:11211") from None
