"""What nothing gets below: the goal itself as so many hashes, and the least function that does what verifying does.

``python -m benchmarks.peers.floors thrice``, ``least``, or ``least-async``, which is awaited.
"""

import asyncio
from collections.abc import Iterable
from hashlib import sha256

from benchmarks import least
from benchmarks.peers.protocol import configuration, serve, serve_awaited
from plexe_auth import Settings
from plexe_auth.model.token import KeyFormat


def main() -> None:
    """Be the floor that was asked for."""
    text = KeyFormat(Settings().key_prefix).make().reveal()
    asked = configuration("thrice", "least", "least-async")
    if asked == "least-async":
        asyncio.run(_awaiting(text))
    else:
        _calling(_thrice if asked == "thrice" else least.called(text, counts=False), text)


def _calling(verify: least.Called, text: str) -> None:
    def many(turns: Iterable[int]) -> None:
        for _ in turns:
            verify(text, permission=least.PERMISSION)

    serve(many, text)


async def _awaiting(text: str) -> None:
    verify = least.awaited(text)

    async def many(turns: Iterable[int]) -> None:
        for _ in turns:
            await verify(text, permission=least.PERMISSION)

    await serve_awaited(many, text)


def _thrice(text: str, *, permission: str) -> None:
    key = text.encode()
    sha256(key).digest()
    sha256(key).digest()
    sha256(key).digest()


if __name__ == "__main__":
    main()
