"""The least that does what is asked of a warm request: the floor beside which the library is measured.

One function that hashes, looks up, checks a deadline and a permission, counts in memory and writes the whole line of
the access log into mapped memory; around an app, one that finds the key, sets the principal and adds one header. It
knows one key and one path, is good for one thread, refuses by an exception and stores nothing: what is left out is
what makes it a library.
"""

import itertools
import mmap
import time
from collections.abc import Awaitable, Callable, Iterable
from hashlib import blake2s
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

ROOM = 64 * 1024 * 1024
PERMISSION, LIMIT, WINDOW = "models:read", 1_000_000, 1.0
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # a process that slept must find its knowledge overdue
PRIVATE = ("cache-control", "no-store")
PRIVATE_FIELD = (b"cache-control", b"no-store")
_RATE = (b"ratelimit-policy", f'"default";q={LIMIT};w={WINDOW:.0f}'.encode())
_TO_APP = "plexe_auth.principal"

Called = Callable[..., Any]
Awaited = Callable[..., Awaitable[Any]]
Judging = Callable[[bytes, str], Any]
Sending = Awaitable[None]  # has a name, for an annotation is worked out each time a function is made
Headers = list[tuple[str, str]]


class Known:
    """What is remembered of a key."""

    __slots__ = ("ends", "granted", "left", "line", "principal", "until")

    def __init__(self, account_id: str, key_id: str) -> None:
        self.until: float = time.clock_gettime(CLOCK) + 1e6
        self.granted = {PERMISSION, "read"}
        self.line = f',"key.verify","allowed",null,{quoted(account_id)},"{key_id}",null,null'
        self.principal = (account_id, key_id)
        self.ends: float = 0.0
        self.left: int = 0


def called(text: str, *, counts: bool) -> Called:
    """Return what accepts that one key as `keys.verify` is called: by a text, with a permission."""
    hot = _known(text)
    memory, now, elapsed, clock = mmap.mmap(-1, ROOM), time.time_ns, time.clock_gettime, CLOCK
    write = memory.write

    def verify(key: str, *, permission: str) -> Any:
        known = hot(blake2s(key.encode()).digest())
        if known is None or (at := elapsed(clock)) >= known.until or permission not in known.granted:
            raise PermissionError
        if counts:
            if at >= known.ends:
                known.ends, known.left = at + WINDOW, LIMIT
            known.left -= 1
            if known.left < 0:
                raise PermissionError
        try:
            write(f"{now()}{known.line}]\n".encode())
        except ValueError:
            memory.seek(0)
        return known.principal

    return verify


def awaited(text: str) -> Awaited:
    """Return what does that without counting, and has to be awaited: with a call between it were not the least."""
    hot = _known(text)
    memory, now, elapsed, clock = mmap.mmap(-1, ROOM), time.time_ns, time.clock_gettime, CLOCK
    write = memory.write

    async def verify(key: str, *, permission: str) -> Any:
        known = hot(blake2s(key.encode()).digest())
        if known is None or elapsed(clock) >= known.until or permission not in known.granted:
            raise PermissionError
        try:
            write(f"{now()}{known.line}]\n".encode())
        except ValueError:
            memory.seek(0)
        return known.principal

    return verify


def judging(text: str) -> Judging:
    """Return what accepts that one key for a gate, which has its bytes and the rest of the line, and counts."""
    hot = _known(text)
    memory, now, elapsed, clock = mmap.mmap(-1, ROOM), time.time_ns, time.clock_gettime, CLOCK
    write = memory.write

    def judge(key: bytes, where: str) -> Any:
        known = hot(blake2s(key).digest())
        if known is None or (at := elapsed(clock)) >= known.until or PERMISSION not in known.granted:
            raise PermissionError
        if at >= known.ends:
            known.ends, known.left = at + WINDOW, LIMIT
        known.left -= 1
        if known.left < 0:
            raise PermissionError
        try:
            write(f"{now()}{known.line}{where}]\n".encode())
        except ValueError:
            memory.seek(0)
        return known.principal

    return judge


def _known(text: str) -> Callable[[bytes], Known | None]:
    return {blake2s(text.encode()).digest(): Known("acct_42", "key_28dnBvZNOKR6tpgRoTz5sp")}.get


def asgi(app: Any, judge: Judging, *, tells: bool = False) -> Any:
    """Return an ASGI app behind that; it tells how a rate stands, if that is asked for."""
    number, places, ends = itertools.count().__next__, dict[Any, str](), int(time.time()) + 1_000_000

    def standing() -> tuple[tuple[bytes, bytes], ...]:
        told = f'"default";r={LIMIT - 7};t={ends - int(time.time())}'
        return (b"ratelimit", told.encode()), _RATE

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        key = agent = b""
        for name, value in scope["headers"]:
            if name == b"x-api-key":
                key = value
            elif name == b"user-agent":
                agent = value
        asked = (scope["client"][0], agent, scope["method"], scope["path"])
        place = places.get(asked) or places.setdefault(asked, _place(*asked))
        scope[_TO_APP] = scope["user"] = scope["auth"] = judge(key, f'{place}"{number()}"')

        def begun(message: Any) -> Sending:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], PRIVATE_FIELD, *(standing() if tells else ())]}
            sent: Sending = send(message)
            return sent

        await app(scope, receive, begun)

    return guarded


def passing_on(app: Any, *added: tuple[bytes, bytes]) -> Any:
    """Return an ASGI app behind what decides nothing, writes nothing, and adds these headers, if any."""

    async def passed_on(scope: Any, receive: Any, send: Any) -> None:
        def begun(message: Any) -> Sending:
            if added and message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *added]}
            sent: Sending = send(message)
            return sent

        await app(scope, receive, begun)

    return passed_on


def wsgi(app: Any, judge: Judging) -> Any:
    """Return a WSGI app behind that."""
    number, places = itertools.count().__next__, dict[Any, str]()

    def guarded(environ: Any, start_response: Any) -> Iterable[bytes]:
        asked = (
            environ["REMOTE_ADDR"], environ.get("HTTP_USER_AGENT", ""), environ["REQUEST_METHOD"], environ["PATH_INFO"]
        )  # fmt: skip
        place = places.get(asked) or places.setdefault(asked, _place(*asked))
        environ[_TO_APP] = judge(environ["HTTP_X_API_KEY"].encode(), f'{place}"{number()}"')

        def begun(status: str, headers: Headers, failed: Any = None) -> Any:
            return start_response(status, [*headers, PRIVATE])

        body: Iterable[bytes] = app(environ, begun)
        return body

    return guarded


def handing_on(app: Any, *added: tuple[str, str]) -> Any:
    """Return a WSGI app behind what decides nothing, writes nothing, and adds these headers, if any."""

    def handed_on(environ: Any, start_response: Any) -> Iterable[bytes]:
        def begun(status: str, headers: Headers, failed: Any = None) -> Any:
            return start_response(status, [*headers, *added])

        body: Iterable[bytes] = app(environ, begun)
        return body

    return handed_on


def _place(ip: str, agent: str | bytes, method: str, path: str) -> str:
    told = agent.decode("latin-1") if isinstance(agent, bytes) else agent
    return "".join(f",{quoted(one)}" for one in (ip, told, method, path)) + ","
