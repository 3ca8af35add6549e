"""What becomes of a request until its sender has an answer, told in steps; who takes them sends, waits and reads.

One body serves blocking clients and those that await, as in HTTPX's own auth flows: it asks for a step and is sent what
came of it.
"""

import logging
import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plexe_auth.client.fields import Fields, pause, retires
from plexe_auth.client.origin import Origin, Origins
from plexe_auth.errors import ConfigurationError
from plexe_auth.secret import Secret, digest

_REPLACEABLE = {"expired_key", "invalid_key", "revoked_key"}
_log = logging.getLogger(__name__)

OnRetiring = Callable[[datetime | None], object]
Span = timedelta | float


@dataclass(frozen=True, slots=True)
class Load:
    """Read the key, from where it comes if `again`, and send it in."""

    again: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """Send the request with this key, or with none, and send the `Answer` in."""

    key: Secret | None


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait, and send nothing in."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Read:
    """Read the last answer, and send its code in, or ``None``."""


Step = Load | Send | Wait | Read
Steps = Generator[Step, Any, None]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and the request that got it: after redirects, the last.

    Attributes:
        key: what the request was sent with. One that a client made by itself, for a redirect, has none.
        repeatable: the request's body is at hand, so that it can be sent again.
    """

    status: int
    fields: Fields
    method: str
    origin: Origin | None
    key: Secret | None
    repeatable: bool


def advance(steps: Steps, outcome: object = None) -> Step | None:
    """Send in what came of a step, and return the next one, or ``None`` when there is none."""
    try:
        return steps.send(outcome)
    except StopIteration:
        return None


class Exchange:
    """The rules by which a request is sent, and sent again.

    Args:
        origins: where the key goes; none: to the origin of the first request.
        tries: how often a request is sent in all while the server asks for patience.
        longest_wait: how long a request waits in all; a server that asks for more is not waited for.
        on_retiring: called once for each key of which a server says that it was rotated, with the end of its overlap.

    Raises:
        ConfigurationError: an argument is not acceptable.
    """

    def __init__(self, origins: Iterable[str], tries: int, longest_wait: Span, on_retiring: OnRetiring | None) -> None:
        seconds = longest_wait.total_seconds() if isinstance(longest_wait, timedelta) else float(longest_wait)
        if tries < 1 or not seconds >= 0:
            raise ConfigurationError("tries is 1 at least, and longest_wait is not negative")
        self._origins = Origins(origins)
        self._tries = tries
        self._longest = seconds
        self._retiring = _Retiring(on_retiring)

    def begin(self, origin: Origin | None) -> Steps:
        """Tell the steps of a request that was not sent yet."""
        key = (yield Load()) if self._origins.admits(origin) else None
        yield from self.follow((yield Send(key)))

    def follow(self, answer: Answer) -> Steps:
        """Tell the steps after a first answer. When there is none left, the last answer is the one."""
        patience = _Patience(self._tries, self._longest)
        renewed = False
        while True:
            self._retiring.look(answer)
            if not (answer.repeatable and self._origins.holds(answer.origin)):
                return
            if answer.status == 401 and not renewed:
                renewed = answer.key is not None
                key = yield from _another(answer)
            else:
                key = yield from patience.wait(answer)
            if key is None:
                return
            answer = yield Send(key)


def _another(answer: Answer) -> Generator[Step, Any, Secret | None]:
    """Tell how to find another key than the one that was refused; after a redirect, there was none."""
    code = "invalid_key" if answer.method == "HEAD" else (yield Read())  # HEAD is answered without a body
    if code not in _REPLACEABLE:
        return None
    key: Secret = yield Load(again=answer.key is not None)
    return None if key == answer.key else key


class _Patience:
    """How often and how long a request may still wait."""

    def __init__(self, tries: int, seconds: float) -> None:
        self._tries = tries
        self._seconds = seconds

    def wait(self, answer: Answer) -> Generator[Step, Any, Secret | None]:
        """Tell how to wait, if the server asks for it, and with which key to go on."""
        seconds = pause(answer.status, answer.method, answer.fields)
        self._tries -= 1
        if seconds is None or seconds > self._seconds or self._tries < 1:
            return None
        self._seconds -= seconds
        yield Wait(seconds)
        key: Secret = yield Load()
        return key


class _Retiring:
    """Calls the host once for each key that was rotated."""

    def __init__(self, told: OnRetiring | None) -> None:
        self._told = told
        self._known: set[bytes] = set()
        self._lock = threading.Lock()

    def look(self, answer: Answer) -> None:
        """Call the host, if this answer is the first to say that its key was rotated."""
        rotated, sunset = retires(answer.fields)
        if self._told is None or answer.key is None or not rotated or not self._is_first(answer.key):
            return
        try:
            self._told(sunset)
        except Exception as error:  # the request was answered, and that answer is not lost for this
            _log.warning("on_retiring failed (%s)", type(error).__name__)

    def _is_first(self, key: Secret) -> bool:
        name = digest(key.reveal().encode())
        with self._lock:
            known = name in self._known
            self._known.add(name)
        return not known
