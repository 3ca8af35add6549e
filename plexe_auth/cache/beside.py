"""What else is known of remembered credentials is believed exactly as long as these are."""

from typing import Any, Generic, NamedTuple, TypeVar

from plexe_auth.cache.cache import Cache

_MOST = 4096

T = TypeVar("T")


class _Era(NamedTuple):
    knowledge: object
    known: dict[bytes, Any]


class Beside(Generic[T]):
    """Values by the digests of credentials that a cache remembers.

    Args:
        cache: whoever narrows or alters what these values say has it renewed, and they are gone.
    """

    def __init__(self, cache: Cache[Any]) -> None:
        self._cache = cache
        self._era = _Era(cache.knowledge, {})

    def get(self, name: bytes) -> T | None:
        """Return what is known, if that has not been narrowed since."""
        era = self._era
        return era.known.get(name) if era.knowledge is self._cache.knowledge else None

    def put(self, name: bytes, value: T, knowledge: object) -> None:
        """Remember what was found, unless something was narrowed since `knowledge` was taken of the cache."""
        if knowledge is not self._cache.knowledge:
            return
        era = self._era
        if era.knowledge is not knowledge or len(era.known) >= _MOST:
            era = self._era = _Era(knowledge, {})  # never an old one's: somebody may be writing to that
        era.known[name] = value
