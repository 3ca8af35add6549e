"""What providers publish of themselves, their endpoints and keys, is remembered by this process for stated times.

- For an hour it is used without asking again. Then the next who needs it asks; the others go on with the old.
- While a provider does not answer, the old is used until it is a day old, and no longer. Nobody signs in without keys.
- A token that names a key we do not know has the keys asked for again, once in a minute and not more often: whoever
  makes up names of keys must not make us ask (O12).
"""

import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from plexe_auth.cache.elapsed import elapsed as real_elapsed
from plexe_auth.errors import Unavailable
from plexe_auth.fetch.port import AsyncFetch
from plexe_auth.id_token import is_known, read_id_token, verify_id_token
from plexe_auth.model.discovery import discovery_request, read_discovery
from plexe_auth.model.exchange import Question
from plexe_auth.model.id_claims import Expected
from plexe_auth.model.jwks import PublicKey, read_keys
from plexe_auth.model.provider import Endpoints, Provider
from plexe_auth.secret import Secret
from plexe_auth.storage.forking import forget_when_forked

FRESH = 3600.0
"""Seconds for which what was read is used without asking again."""

STALE = 86_400.0
"""Seconds for which it is used while the provider does not answer."""

PAUSE = 60.0
"""Seconds between two questions for an unknown key, and between two for what could be used as it is."""

REST = 5.0
"""Seconds after a question without an answer in which nobody else waits for one that is needed."""

_MOST = 1000

T = TypeVar("T")


@dataclass(slots=True)
class _Kept(Generic[T]):
    """What was read of one provider and when; when it was last asked for, and last in vain."""

    value: T | None = None
    read_at: float = 0.0
    asked_at: float | None = None
    failed_at: float | None = None


class Providers:
    """Knows the endpoints and the keys of providers.

    Args:
        fetch: asks them; awaited in either colour.
        elapsed: what tells seconds apart.
    """

    def __init__(self, fetch: AsyncFetch, elapsed: Callable[[], float] = real_elapsed) -> None:
        self.fetch = fetch
        self._elapsed = elapsed
        self.forget()
        forget_when_forked(self)

    def forget(self) -> None:
        """In a forked child: a lock of the parent's may be held for ever."""
        self._lock = threading.Lock()
        self._endpoints: OrderedDict[str, _Kept[Endpoints]] = OrderedDict()
        self._keys: OrderedDict[str, _Kept[tuple[PublicKey, ...]]] = OrderedDict()

    async def endpoints(self, provider: Provider) -> Endpoints:
        """Return where a provider answers.

        Raises:
            Unavailable: it does not tell, or tells what cannot be used.
        """
        if provider.endpoints is not None:
            return provider.endpoints
        found = await self._remembered(self._endpoints, provider.issuer, lambda: self._discover(provider.issuer))
        wanted = provider.client_authentication
        return found if wanted is None else replace(found, client_authentication=wanted)

    async def verified(
        self, provider: Provider, token: Secret, nonce: Secret, access: Secret, now: datetime
    ) -> dict[str, Any]:
        """Return the claims of an ID token that the provider's token endpoint has just given us.

        Raises:
            InvalidCredentials: it is not to be believed.
            Unavailable: the provider's keys are not known.
        """
        endpoints = await self.endpoints(provider)
        signed = read_id_token(token, endpoints)
        keys = await self._remembered(self._keys, endpoints.keys, lambda: self._read_keys(endpoints.keys))
        if not is_known(signed, keys):
            keys = await self._newer(endpoints.keys, keys)
        return verify_id_token(signed, keys, Expected(provider.issuer, provider.client_id, nonce, access), now)

    async def _discover(self, issuer: str) -> Endpoints:
        return read_discovery(await self.fetch(discovery_request(issuer)), issuer)

    async def _read_keys(self, url: str) -> tuple[PublicKey, ...]:
        return read_keys(
            await self.fetch(Question("GET", url, (("accept", "application/jwk-set+json, application/json"),)))
        )

    async def _newer(self, url: str, old: tuple[PublicKey, ...]) -> tuple[PublicKey, ...]:
        kept = self._kept(self._keys, url)
        if not self._is_our_turn(kept, self._elapsed()):
            return old
        try:
            return await self._read(kept, lambda: self._read_keys(url))
        except Unavailable:
            return old

    async def _remembered(self, memory: "OrderedDict[str, _Kept[T]]", name: str, ask: Callable[[], Awaitable[T]]) -> T:
        kept, now = self._kept(memory, name), self._elapsed()
        value, age = kept.value, now - kept.read_at
        if value is None or age >= STALE:
            return await self._awaited(kept, now, ask)
        if age < FRESH or not self._is_our_turn(kept, now):
            return value
        try:
            return await self._read(kept, ask)
        except Unavailable:
            return value

    async def _awaited(self, kept: _Kept[T], now: float, ask: Callable[[], Awaitable[T]]) -> T:
        """Read what nobody can go on without; not again at once where that has just failed."""
        if kept.failed_at is not None and now - kept.failed_at < REST:
            raise Unavailable("The provider does not answer.")
        try:
            return await self._read(kept, ask)
        except Unavailable:
            kept.failed_at = self._elapsed()
            raise

    async def _read(self, kept: _Kept[T], ask: Callable[[], Awaitable[T]]) -> T:
        began = kept.asked_at = self._elapsed()  # what is read is as old as the question
        value = await ask()
        with self._lock:
            kept.value, kept.read_at = value, began
        return value

    def _kept(self, memory: "OrderedDict[str, _Kept[T]]", name: str) -> _Kept[T]:
        with self._lock:
            kept = memory.setdefault(name, _Kept())
            memory.move_to_end(name)
            if len(memory) > _MOST:
                memory.popitem(last=False)
            return kept

    def _is_our_turn(self, kept: _Kept[Any], now: float) -> bool:
        """Tell whether to ask again, which is one caller's turn in each pause."""
        with self._lock:
            if kept.asked_at is not None and now - kept.asked_at < PAUSE:
                return False
            kept.asked_at = now
            return True
