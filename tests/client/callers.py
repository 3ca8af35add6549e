"""Every client that customers use, as one: it sends with our auth, and returns the library's own response."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import requests

from plexe_auth.client import HTTPXAuth, Key, RequestsAuth

Send = Callable[..., Any]
PATIENCE = 20


@contextmanager
def by_requests(key: Key, **told: Any) -> Iterator[Send]:
    with requests.Session() as session:
        session.trust_env = False
        session.auth = RequestsAuth(key, **told)
        yield lambda method, url, **more: session.request(
            method, url, timeout=PATIENCE, **({"data": more.pop("content")} if "content" in more else {}), **more
        )


def by_httpx(name: str) -> Callable[..., AbstractContextManager[Send]]:
    @contextmanager
    def opened(key: Key, **told: Any) -> Iterator[Send]:
        library = import_module(name)
        auth = HTTPXAuth(key, **told)
        with library.Client(auth=auth, follow_redirects=True, trust_env=False, timeout=PATIENCE) as client:
            yield client.request

    return opened


def by_async_httpx(name: str) -> Callable[..., AbstractContextManager[Send]]:
    @contextmanager
    def opened(key: Key, **told: Any) -> Iterator[Send]:
        library = import_module(name)
        auth = HTTPXAuth(key, **told)
        with asyncio.Runner() as runner:
            client = library.AsyncClient(auth=auth, follow_redirects=True, trust_env=False, timeout=PATIENCE)
            try:
                yield lambda method, url, **more: runner.run(client.request(method, url, **awaited(more)))
            finally:
                runner.run(client.aclose())

    return opened


def awaited(more: dict[str, Any]) -> dict[str, Any]:
    """Have a body that comes in pieces come as an asynchronous client wants it."""

    async def pieces(blocking: Iterator[bytes]) -> AsyncIterator[bytes]:
        for piece in blocking:
            yield piece

    return {name: pieces(value) if isinstance(value, Iterator) else value for name, value in more.items()}


# Whichever HTTPX is here: the tests' own requirements name both.
NAMES = [name for name in ("httpx2", "httpx") if find_spec(name)]
CALLERS: dict[str, Callable[..., AbstractContextManager[Send]]] = {
    "requests": by_requests,
    **{name: by_httpx(name) for name in NAMES},
    **{f"{name}, awaited": by_async_httpx(name) for name in NAMES},
}
