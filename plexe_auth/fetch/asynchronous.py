"""One exchange by `httpcore2`, awaited; the loop itself ends it when its span is over."""

import asyncio
import ssl
from collections.abc import Iterable
from typing import cast

import httpcore2

from plexe_auth.fetch.message import LONGEST, SECONDS, Incoming, check, content, fields, no_answer
from plexe_auth.fetch.reach import TCP, Reach
from plexe_auth.model.exchange import Answer, Question


class AwaitedFetch:
    """A `plexe_auth.fetch.port.AsyncFetch`.

    Args:
        reach: what may be reached.
        seconds: how long an exchange may take in all.
        longest: how many bytes the body of an answer may have.
        context: whom to trust in TLS; ``None``: whom the system trusts.
    """

    def __init__(
        self,
        reach: Reach | None = None,
        *,
        seconds: float = SECONDS,
        longest: int = LONGEST,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._reach = reach or Reach()
        self._seconds = seconds
        self._longest = longest
        self._context = context

    async def __call__(self, question: Question, /) -> Answer:
        """See `plexe_auth.fetch.port.Fetch`."""
        try:
            check(question)
            async with asyncio.timeout(self._seconds):
                return await self._ask(question)
        except Exception as error:  # whatever goes wrong on the way: there is no answer
            failed = type(error)
        raise no_answer(question, failed)  # out of reach of the error, whose frames hold what was sent

    async def _ask(self, question: Question) -> Answer:
        if self._context is None:
            self._context = await asyncio.to_thread(httpcore2.default_ssl_context)  # reads files
        backend = _Checked(self._reach)
        try:
            async with (
                httpcore2.AsyncConnectionPool(self._context, network_backend=backend) as pool,
                pool.stream(
                    question.method, question.url, headers=fields(question), content=content(question)
                ) as response,
            ):
                incoming = Incoming(response.status, response.headers, self._longest)
                async for piece in response.aiter_stream():
                    incoming.add(piece)
            return incoming.answer()
        finally:
            await backend.close()


class _Checked(httpcore2.AsyncNetworkBackend):
    """Connects to addresses that were checked, and to nothing else."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._backend = cast("httpcore2.AsyncNetworkBackend", httpcore2.AnyIOBackend())  # a stub where anyio is not
        self._stream: httpcore2.AsyncNetworkStream | None = None

    async def close(self) -> None:
        """Give the connection back, which a cancel in the midst of TLS would leave open."""
        if self._stream is not None:
            await self._stream.aclose()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - it is the library's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of `host` that answers."""
        resolved = await asyncio.get_running_loop().getaddrinfo(host, port, **TCP)
        for place in self._reach.checked(host, resolved):
            try:
                self._stream = await self._backend.connect_tcp(place, port, _PATIENCE, None, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
            return self._stream
        raise httpcore2.ConnectError


_PATIENCE = 3.0  # seconds for one address, while there may be others
