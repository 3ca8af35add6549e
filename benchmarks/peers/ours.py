"""plexe_auth: `keys.verify` with a permission check, on either face, on a SQLite file.

``python -m benchmarks.peers.ours blocking-warm``: the face and one of `SETTINGS`.
"""

import asyncio
import tempfile
from collections.abc import Iterable
from datetime import timedelta
from itertools import product
from pathlib import Path

from benchmarks.peers.protocol import configuration, serve, serve_awaited
from plexe_auth import AsyncAuth, Auth, Settings

PERMISSION = "models:read"
SETTINGS = {
    "warm": Settings(),
    "limited": Settings(rate_storage="memory://"),
    "exact": Settings(max_staleness=timedelta(0)),
    "cold": Settings(cache_entries=0),
}
RATES = {"limited": "1000000/second"}  # never reached: a refusal would cost something else


def main() -> None:
    """Be the peer that was asked for."""
    face, _, what = configuration(*map("-".join, product(("blocking", "async"), SETTINGS))).partition("-")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'auth.db'}"
        if face == "blocking":
            blocking(url, what)
        else:
            asyncio.run(awaited(url, what))


def blocking(url: str, what: str) -> None:
    """Verify plainly."""
    with Auth.open(url, settings=SETTINGS[what]) as auth:
        text = auth.keys.create("acct_42", name="CI", rate=RATES.get(what)).secret.reveal()

        def many(turns: Iterable[int]) -> None:
            for _ in turns:
                auth.keys.verify(text, permission=PERMISSION)

        serve(many, text)


async def awaited(url: str, what: str) -> None:
    """Verify by awaiting."""
    async with AsyncAuth.open(url, settings=SETTINGS[what]) as auth:
        issued = await auth.keys.create("acct_42", name="CI", rate=RATES.get(what))
        text = issued.secret.reveal()

        async def many(turns: Iterable[int]) -> None:
            for _ in turns:
                await auth.keys.verify(text, permission=PERMISSION)

        await serve_awaited(many, text)


if __name__ == "__main__":
    main()
