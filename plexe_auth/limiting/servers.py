"""Redis and Valkey in both colours, by the clients that ``limits`` opens. No answer is waited for longer than a second.

Valkey speaks Redis's language, so one client serves both. A connection that died while it was idle is replaced once,
at once; a request that is sent again for it may count twice, and never not at all.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from plexe_auth.errors import ConfigurationError, Unavailable
from plexe_auth.limiting.limiter import PATIENCE
from plexe_auth.secret import without_frames
from plexe_auth.storage.forking import forget_when_forked

_CONNECTIONS = 50


class Blocking:
    """Runs a script and waits for it. A forked child gets connections of its own from the client itself."""

    def __init__(self, url: str, script: str) -> None:
        from limits.storage import RedisStorage
        from redis import BlockingConnectionPool, RedisError
        from redis.retry import Retry

        self._errors = (RedisError, OSError)
        self._pool = _pool(BlockingConnectionPool, Retry, url)
        self._script = cast("Any", RedisStorage(url, connection_pool=self._pool)).storage.register_script(script)

    async def run(self, keys: Sequence[str], arguments: Sequence[str | int]) -> Sequence[int]:
        """See `Scripted`."""
        try:
            return cast("Sequence[int]", self._script(keys, arguments))
        except self._errors as error:
            raise Unavailable from without_frames(error)

    async def close(self) -> None:
        """See `Scripted`."""
        self._pool.disconnect()


class Awaited:
    """Runs a script on whichever event loop asks; each has connections of its own."""

    def __init__(self, url: str, script: str) -> None:
        from redis import RedisError

        self._errors = (RedisError, OSError)
        self._url = url
        self._text = script
        self._elsewhere: list[dict[asyncio.AbstractEventLoop, _Place]] = []
        self._places: dict[asyncio.AbstractEventLoop, _Place] = {}
        _Place(url, script)  # connects to nothing, but shows a wrong URL at once
        forget_when_forked(self)

    def forget(self) -> None:
        """In a forked child: leave the parent's connections alone, and do not say good-bye on them either."""
        self._elsewhere.append(self._places)
        self._places = {}

    async def run(self, keys: Sequence[str], arguments: Sequence[str | int]) -> Sequence[int]:
        """See `Scripted`."""
        try:
            return await self._here().script(keys, arguments)
        except self._errors as error:
            raise Unavailable from without_frames(error)

    async def close(self) -> None:
        """See `Scripted`. Connections of other loops go on."""
        place = self._places.pop(asyncio.get_running_loop(), None)
        if place is not None:
            await place.pool.disconnect()

    def _here(self) -> "_Place":
        loop = asyncio.get_running_loop()
        place = self._places.get(loop)
        if place is None:
            for closed in [one for one in self._places if one.is_closed()]:
                del self._places[closed]
            place = self._places[loop] = _Place(self._url, self._text)
        return place


class _Place:
    """What belongs to one event loop."""

    def __init__(self, url: str, script: str) -> None:
        from limits.aio.storage import RedisStorage
        from redis.asyncio import BlockingConnectionPool
        from redis.asyncio.retry import Retry

        self.pool: Any = _pool(BlockingConnectionPool, Retry, url)
        # coredis, which is what limits takes unless told otherwise, cannot be used with it.
        storage: Any = RedisStorage(f"async+{url}", implementation="redispy", connection_pool=self.pool)
        self.script: Callable[..., Awaitable[Sequence[int]]] = storage.bridge.storage.register_script(script)


def _pool(kind: Any, retry: Any, url: str) -> Any:
    from redis import ConnectionError as Lost
    from redis.backoff import NoBackoff

    patience = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE, "timeout": PATIENCE}
    once_more = retry(NoBackoff(), 1, (Lost,))
    try:
        return kind.from_url(url, max_connections=_CONNECTIONS, retry=once_more, **patience)
    except ValueError:
        raise ConfigurationError("rate_storage is no URL of a Redis or Valkey server") from None
