"""The key for Requests, which is put on before a request goes out and taken off as soon as it is answered.

Requests copies every field into redirects but `Authorization`. It calls our hook before it makes such a copy.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from plexe_auth.client.exchange import Answer, Exchange, Load, OnRetiring, Send, Span, Wait, advance
from plexe_auth.client.key import Key
from plexe_auth.client.origin import origin_of
from plexe_auth.client.problem import code_of, document, is_short
from plexe_auth.client.source import plainly
from plexe_auth.secret import Secret

FIELD = "x-api-key"


class RequestsAuth:
    """What ``session.auth = …`` and ``requests.get(…, auth=…)`` take.

    Args:
        key: where the key comes from. One that is refused is looked for again, and if there is another by then, the
            request is sent once more.
        origins: where the key goes, such as ``["https://api.example.com"]``; none: to the origin of the first request.
            Every other request goes without it, redirects too.
        tries: how often a request is sent in all while the server answers 429, or 503 where it may be sent twice.
        longest_wait: how long a request waits for `Retry-After` in all, in seconds or as a `timedelta`.
        sleep: what waits a number of seconds.
        on_retiring: called once for each key that was rotated, with the end of its overlap, or ``None``.

    Raises:
        ConfigurationError: an argument is not acceptable; and from a request, when there is no key, or it would go
            over plain HTTP to another machine.

    Example:
        >>> import requests
        >>> auth = RequestsAuth(Key.from_text("plx_sk_0123"))
        >>> sent = requests.Request("GET", "https://api.example.com/models", auth=auth).prepare()
        >>> sent.headers
        {'x-api-key': …}
    """

    def __init__(
        self,
        key: Key,
        *,
        origins: Iterable[str] = (),
        tries: int = 3,
        longest_wait: Span = 60.0,
        sleep: Callable[[float], object] = time.sleep,
        on_retiring: OnRetiring | None = None,
    ) -> None:
        self._key = key
        self._exchange = Exchange(origins, tries, longest_wait, on_retiring)
        self._sleep = sleep

    def __call__(self, request: Any) -> Any:
        """Put the key on a request that is about to be sent."""
        steps = self._exchange.begin(origin_of(request.url))
        step = advance(steps)
        if isinstance(step, Load):
            step = advance(steps, self._key.read(again=step.again))
        if isinstance(step, Send) and step.key is not None:
            request.headers[FIELD] = _Shy(step.key.reveal())
        request.register_hook("response", self._answered)
        return request

    def _answered(self, response: Any, **sending: Any) -> Any:
        """Take the key off, and return this answer or a later one."""
        steps = self._exchange.follow(_answer(response, _taken_off(response.request)))
        outcome: object
        step = advance(steps)
        while step is not None:
            if isinstance(step, Send):
                response = _sent_again(response, step.key, sending)
                outcome = _answer(response, step.key)
            elif isinstance(step, Load):
                outcome = self._key.read(again=step.again)
            elif isinstance(step, Wait):
                plainly(self._sleep(step.seconds), "sleep")
                outcome = None
            else:
                outcome = code_of(document(response.content)) if is_short(response.headers) else None
            step = advance(steps, outcome)
        return response

    def __repr__(self) -> str:
        return f"RequestsAuth({self._key!r})"


class _Shy(str):
    """A text that is sent as it is, and shows itself to nobody who prints it."""

    __slots__ = ()
    shown: ClassVar[str] = "…"

    def __repr__(self) -> str:
        return self.shown

    def __str__(self) -> str:
        return self.shown

    def __format__(self, _spec: str) -> str:
        return self.shown


def _taken_off(request: Any) -> Secret | None:
    """Take our key off a request and return it; what somebody else put there stays."""
    if not isinstance(request.headers.get(FIELD), _Shy):
        return None
    return Secret(str.__str__(request.headers.pop(FIELD)))


def _answer(response: Any, key: Secret | None) -> Answer:
    request = response.request
    at_hand = request.body is None or isinstance(request.body, str | bytes)
    return Answer(response.status_code, response.headers, request.method, origin_of(request.url), key, at_hand)


def _sent_again(response: Any, key: Secret | None, sending: dict[str, Any]) -> Any:
    """Send the request of an answer once more, with this key, as Requests' own digest authentication does."""
    if is_short(response.headers):
        response.content  # noqa: B018 - read, so that the connection can be used again
    response.close()
    request = response.request.copy()
    if key is not None:
        request.headers[FIELD] = _Shy(key.reveal())
    try:
        again = response.connection.send(request, **sending)
    finally:
        _taken_off(request)
    again.history.append(response)
    return again
