"""What a store is asked is written down, and a chosen answer is lost: before anything was done, or after."""

import threading
from collections.abc import Awaitable, Callable
from typing import Any, Literal, NamedTuple

from plexe_auth import Unavailable

VERBS = ("get", "page", "commit", "spend")


class Asked(NamedTuple):
    """One call of a verb of the store."""

    verb: str
    values: tuple[Any, ...]


class Watch:
    """Stands between plexe_auth and its store, on either face."""

    def __init__(self, auth: Any) -> None:
        self.asked: list[Asked] = []
        self._fails: tuple[int, str] | None = None
        self._meanwhile: list[Callable[[], Any]] = []
        store = auth.world.store
        for verb in VERBS:
            setattr(store, verb, self._through(verb, getattr(store, verb)))

    def fail(self, *, call: int, when: Literal["before", "after"]) -> None:
        """From now on, lose the answer of the `call`-th call, counted from zero."""
        self.asked.clear()
        self._fails = (call, when)

    def meanwhile(self, act: Callable[[], Any]) -> None:
        """Before the next commit, and after all that was looked at for it, let this happen."""
        self._meanwhile = [act]

    def relent(self) -> None:
        """Let everything through again, and count anew."""
        self.asked.clear()
        self._fails = None

    def count(self, verb: str) -> int:
        return sum(asked.verb == verb for asked in self.asked)

    def _through(self, verb: str, real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            if threading.current_thread().name == "plexe_auth journal":  # stores what was decided, in its own time
                return await real(*args, **kwargs)
            number = len(self.asked)
            self.asked.append(Asked(verb, args))
            if self._fails == (number, "before"):
                raise Unavailable
            if verb == "commit" and self._meanwhile:
                self._meanwhile.pop()()
            answer = await real(*args, **kwargs)
            if self._fails == (number, "after"):
                raise Unavailable
            return answer

        return call
