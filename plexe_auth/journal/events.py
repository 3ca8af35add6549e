"""Hosts are told what was stored in the access log; what goes wrong with them is logged and changes nothing."""

import logging
from collections.abc import Callable, Iterable

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.entry import ACTIONS, UNREADABLE, LogEntry

EVERYTHING = "*"
Callback = Callable[[LogEntry], object]

_log = logging.getLogger("plexe_auth")


class Events:
    """Who wants to be told of which actions."""

    def __init__(self) -> None:
        self._wanted: dict[str, tuple[Callback, ...]] = {}

    def on(self, event: str, callback: Callback) -> None:
        """Call `callback` with each entry of that action, once it is stored.

        Args:
            event: an action such as ``key.revoke``, or ``"*"`` for every one.
            callback: a plain function. For verifications it runs in the thread that stores them, else in that of the
                caller; it should be quick. What it raises is logged.

        Raises:
            InvalidRequest: there is no such action, or the callback cannot be called.
        """
        if event not in (EVERYTHING, *ACTIONS):
            raise InvalidRequest(f"event must be an action of the access log, or {EVERYTHING}.", field="event")
        if not callable(callback):
            raise InvalidRequest("callback must be a function.", field="callback")
        self._wanted[event] = (*self._wanted.get(event, ()), callback)

    def __bool__(self) -> bool:
        return bool(self._wanted)

    def awaits(self, lines: bytes) -> bool:
        """Tell whether somebody may want to be told of one of these lines of the spool."""
        if EVERYTHING in self._wanted or UNREADABLE in self._wanted:
            return True
        return any(f'"{action}"'.encode() in lines for action in self._wanted)

    def tell(self, entries: Iterable[LogEntry]) -> None:
        """Tell of entries that are stored."""
        for entry in entries:
            for callback in (*self._wanted.get(entry.action, ()), *self._wanted.get(EVERYTHING, ())):
                _told(callback, entry)


def _told(callback: Callback, entry: LogEntry) -> None:
    try:
        callback(entry)
    except Exception:
        _log.exception("a callback for %s failed", entry.action)
