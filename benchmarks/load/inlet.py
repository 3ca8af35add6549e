"""Requests go into uvicorn's own protocol and answers come out, without a socket: what else a worker does is not here.

    python -m benchmarks.load.inlet REQUESTS

The environment says which app, behind what, as for a server's worker. The database is locked from the second request
on: what is done each second, such as storing, would be done too often in a process that is slow, for it is counted.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from benchmarks.load import apps, fronts
from benchmarks.locking import locked

_END = b"}"  # of the one body there is, and of a refusal
_PATIENCE = 600.0  # seconds for all of them; counting slows a process down fifty times


class Outlet(asyncio.Transport):
    """Where answers go."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 8_000)})
        self.sent = bytearray()
        self.whole = asyncio.Event()

    def write(self, data: Any) -> None:
        """Take a part of an answer."""
        self.sent += data
        if self.sent.endswith(_END):
            self.whole.set()

    def begin(self) -> None:
        """Await another answer."""
        self.sent.clear()
        self.whole.clear()

    def is_closing(self) -> bool:
        """Tell whether the connection is about to end."""
        return False

    def close(self) -> None:
        """End the connection, which nobody should."""
        raise SystemExit("the connection was closed")


async def answered(app: Any, requests: int) -> None:
    """Have so many requests answered, one after the other, on one connection."""
    from uvicorn.config import Config  # of the environment of servers
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    from uvicorn.server import ServerState

    config = Config(app, log_config=None, access_log=False, lifespan="off")
    config.load()
    protocol, outlet = HttpToolsProtocol(config=config, server_state=ServerState(), app_state={}), Outlet()
    protocol.connection_made(outlet)
    sent = (f"GET {fronts.PATH} HTTP/1.1", "Host: 127.0.0.1:8000", f"x-api-key: {os.environ[fronts.KEY]}", "", "")
    asked = "\r\n".join(sent).encode()
    async with asyncio.timeout(_PATIENCE):  # an answer that has another end is awaited for ever
        await _answered(protocol, outlet, asked)
        with locked(Path(os.environ[fronts.URL].removeprefix("sqlite:///"))):
            for _ in range(requests):
                await _answered(protocol, outlet, asked)


async def _answered(protocol: asyncio.Protocol, outlet: Outlet, asked: bytes) -> None:
    outlet.begin()
    protocol.data_received(asked)
    await outlet.whole.wait()
    if not outlet.sent.startswith(b"HTTP/1.1 200 "):
        raise SystemExit("not every answer was a 200")


if __name__ == "__main__":
    asyncio.run(answered(apps.made(), int(sys.argv[1])))
    os._exit(0)  # without storing what was written down
