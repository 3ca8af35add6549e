"""The key for HTTPX, in both its colours and under both its names, `httpx` and `httpx2`.

HTTPX follows redirects beneath its auth flows and copies every field into them but `Authorization`. So the key is no
field of the request: it joins the fields on their way out, and no copy has it.
"""

import functools
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager
from importlib import import_module
from inspect import isawaitable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from plexe_auth.client.exchange import Answer, Exchange, Load, OnRetiring, Send, Span, Wait, advance
from plexe_auth.client.key import Key
from plexe_auth.client.origin import Origin, origin
from plexe_auth.client.problem import code_of, document, is_short
from plexe_auth.client.source import plainly
from plexe_auth.errors import ConfigurationError
from plexe_auth.secret import Secret

FIELD = "x-api-key"


def _libraries() -> tuple[ModuleType, ...]:
    found: list[ModuleType] = []
    for name in ("httpx", "httpx2"):
        try:
            found.append(import_module(name))
        except ModuleNotFoundError:
            continue
    if not found:
        raise ConfigurationError("HTTPXAuth needs HTTPX: pip install httpx2, or httpx")
    return tuple(found)


_HTTPX = _libraries()
_BYTES = tuple(library.ByteStream for library in _HTTPX)
if TYPE_CHECKING:

    class _Auth:
        """To a checker a plain function, which either HTTPX takes as well, so that it needs to know neither."""

        def __call__(self, request: Any, /) -> Any: ...
else:
    _Auth = type("_Auth", tuple(library.Auth for library in _HTTPX), {})


class HTTPXAuth(_Auth):
    """What ``httpx.Client(auth=…)`` and ``httpx.AsyncClient(auth=…)`` take.

    Args:
        key: where the key comes from. One that is refused is looked for again, and if there is another by then, the
            request is sent once more.
        origins: where the key goes, such as ``["https://api.example.com"]``; none: to the origin of the first request.
            Every other request goes without it, redirects too.
        tries: how often a request is sent in all while the server answers 429, or 503 where it may be sent twice.
        longest_wait: how long a request waits for `Retry-After` in all, in seconds or as a `timedelta`.
        sleep: what waits a number of seconds; for an ``AsyncClient`` it may be an ``async def``.
        on_retiring: called once for each key that was rotated, with the end of its overlap, or ``None``.

    Raises:
        ConfigurationError: an argument is not acceptable; and from a request, when there is no key, or it would go
            over plain HTTP to another machine.

    Example:
        >>> import httpx2
        >>> auth = HTTPXAuth(Key.from_text("plx_sk_0123"))
        >>> def app(request):
        ...     return httpx2.Response(200, text=dict(request.headers.raw)[b"x-api-key"].decode())
        >>> with httpx2.Client(auth=auth, transport=httpx2.MockTransport(app)) as client:
        ...     client.get("https://api.example.com/models").text
        'plx_sk_0123'
    """

    def __init__(
        self,
        key: Key,
        *,
        origins: Iterable[str] = (),
        tries: int = 3,
        longest_wait: Span = 60.0,
        sleep: Callable[[float], Awaitable[None] | None] | None = None,
        on_retiring: OnRetiring | None = None,
    ) -> None:
        self._key = key
        self._exchange = Exchange(origins, tries, longest_wait, on_retiring)
        self._sleep = sleep

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        """Give HTTPX the requests to send, plainly."""
        response: Any = None
        outcome: object
        steps = self._exchange.begin(_origin(request))
        step = advance(steps)
        while step is not None:
            if isinstance(step, Send):
                with _sealed(request, step.key):
                    response = yield request
                outcome, request = _answer(request, response, step.key), response.request
            elif isinstance(step, Load):
                outcome = self._key.read(again=step.again)
            elif isinstance(step, Wait):
                plainly((self._sleep or time.sleep)(step.seconds), "sleep")
                outcome = None
            else:
                outcome = _code(response.read()) if is_short(response.headers) else None
            step = advance(steps, outcome)

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        """Give HTTPX the requests to send, awaited."""
        response: Any = None
        outcome: object
        steps = self._exchange.begin(_origin(request))
        step = advance(steps)
        while step is not None:
            if isinstance(step, Send):
                with _sealed(request, step.key):
                    response = yield request
                outcome, request = _answer(request, response, step.key), response.request
            elif isinstance(step, Load):
                outcome = await self._key.read_async(again=step.again)
            elif isinstance(step, Wait):
                await _slept(step.seconds, self._sleep)
                outcome = None
            else:
                outcome = _code(await response.aread()) if is_short(response.headers) else None
            step = advance(steps, outcome)

    def __repr__(self) -> str:
        return f"HTTPXAuth({self._key!r})"


@contextmanager
def _sealed(request: Any, key: Secret | None) -> Generator[None, None, None]:
    """Have a request sent with the key, while neither it nor what is copied from it has the key as a field."""
    if key is None:
        yield
        return
    plain: Any = request.headers.__class__
    request.headers = _sealing(plain)(request.headers, key)
    try:
        yield
    finally:
        request.headers = plain(request.headers)


@functools.lru_cache
def _sealing(plain: Any) -> Any:
    """Return fields that have one more when they are sent: `raw` is what transports send, and nothing else reads."""

    def begin(sealed: Any, fields: Any, key: Secret) -> None:
        sealed.key_on_its_way = key
        plain.__init__(sealed, fields)
        sealed.pop(FIELD, None)

    def raw(sealed: Any) -> list[tuple[bytes, bytes]]:
        return [*plain.raw.fget(sealed), (FIELD.encode(), sealed.key_on_its_way.reveal().encode())]

    return type("Sealed", (plain,), {"__init__": begin, "raw": property(raw)})


def _origin(request: Any) -> Origin | None:
    """Return the origin that HTTPX connects to for a request."""
    url = request.url
    return origin(url.scheme, url.raw_host.decode("ascii"), url.port)


def _answer(sent: Any, response: Any, key: Secret | None) -> Answer:
    request = response.request
    key = key if request is sent else None  # a redirect was followed, and no field of ours with it
    at_hand = isinstance(request.stream, _BYTES)
    return Answer(response.status_code, response.headers, request.method, _origin(request), key, at_hand)


def _code(body: bytes) -> str | None:
    return code_of(document(body))


async def _slept(seconds: float, sleep: Callable[[float], Awaitable[None] | None] | None) -> None:
    if sleep is None:
        import anyio  # HTTPX stands on it, whatever loop there is

        sleep = anyio.sleep
    waited = sleep(seconds)
    if isawaitable(waited):
        await waited
