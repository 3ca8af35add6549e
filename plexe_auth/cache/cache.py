"""Good credentials by a name made of their text. Nothing is remembered of refusals: no flood of them drives one out.

Two tiers: what was used twice just now lies unpacked in `hot`; everything remembered lies packed in two generations, of
which the older one is dropped when the younger has half the entries that are allowed. Whatever is used again moves up.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from plexe_auth.cache.name import Naming, naming

_HOT = 4096

T = TypeVar("T")


class Cache(Generic[T]):
    """What one process remembers of one kind of credentials.

    Args:
        entries: how many it may remember.
        unpacked: makes an entry as the next request finds it out of one that was packed, at a microsecond since 1970.

    Attributes:
        entries: how many it may remember.
        named: makes the name of a text, by its ``digest()``.
        hot: entries that may be used until their own deadline without another thought. The dictionary stays the same.
        knowledge: stands for all that was known so far; another object as soon as some of it may have been narrowed.
    """

    def __init__(self, entries: int, unpacked: Callable[[str, int], T]) -> None:
        self.entries: int = entries
        self.named: Naming = naming()
        self._unpacked = unpacked
        self._half = (entries + 1) // 2
        self._met: set[bytes] = set()
        self.hot: dict[bytes, T] = {}
        self.forget()

    def forget(self) -> None:
        """Begin with nothing, as a forked child does."""
        self._lock = threading.Lock()
        self.renew()

    def renew(self) -> None:
        """Forget everything. What is being read by now will not be remembered either."""
        with self._lock:
            self.knowledge: object = object()
            self._young: dict[bytes, str] = {}
            self._old: dict[bytes, str] = {}
            self.hot.clear()

    def put(self, name: bytes, packed: str, knowledge: object) -> None:
        """Remember what was found good, unless something was narrowed since `knowledge` was taken."""
        with self._lock:
            if knowledge is not self.knowledge or not self._half:
                return
            if len(self._young) >= self._half:
                self._young, self._old = {}, self._young
            self._young[name] = packed

    def holds(self, name: bytes) -> bool:
        """Tell whether anything is remembered under that name."""
        return name in self._young or name in self._old

    def first(self, name: bytes) -> str | None:
        """Return what was packed of late under a name that did not come of late; for all else there is `take_up`."""
        return None if name in self._met else self._young.get(name)

    def came(self, name: bytes) -> bool:
        """Tell whether that name came of late, and remember that it did."""
        met = self._met
        if name in met:
            return True
        if len(met) >= _HOT:
            met.clear()
        met.add(name)
        return False

    def take_up(self, name: bytes, at: int) -> T | None:
        """Return what is remembered under a name. Whoever takes it up says until when it may be used.

        It is hot from when it was taken up twice of late. To keep what comes once would cost more than to unpack it:
        another one has to go for it, and the collector looks at both.

        Args:
            name: which one.
            at: what time it is, in microseconds since 1970.
        """
        knowledge = self.knowledge
        packed = self._young.get(name) or self._moved_up(name, knowledge)
        if packed is None:
            return None
        entry = self._unpacked(packed, at)
        if not self.came(name):
            return entry if knowledge is self.knowledge else None
        with self._lock:
            if knowledge is not self.knowledge:
                return None
            if len(self.hot) >= _HOT:
                self.hot.clear()
            self.hot[name] = entry
        return entry

    def _moved_up(self, name: bytes, knowledge: object) -> str | None:
        packed = self._old.get(name)
        if packed is not None:
            self.put(name, packed, knowledge)
        return packed
