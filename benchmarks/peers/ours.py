"""plexe_auth: `keys.verify` or `sessions.verify` with a permission check, on either face, on a SQLite file.

``python -m benchmarks.peers.ours blocking-warm``: the face and one of `SETTINGS`.

What is measured is the verifying thread: entries of the access log are written down for good, and stored later, for the
database is locked meanwhile. What storing takes is `benchmarks.log_entries`.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from contextlib import nullcontext
from datetime import timedelta
from itertools import product
from pathlib import Path

from benchmarks.locking import locked
from benchmarks.peers.protocol import configuration, serve, serve_awaited
from plexe_auth import AsyncAuth, Auth, Settings

PERMISSION = "models:read"
SPOOL = 4 << 30  # bytes; nothing is stored meanwhile
SETTINGS = {
    "warm": Settings(spool_limit=SPOOL),
    "limited": Settings(spool_limit=SPOOL, rate_storage="memory://"),
    "exact": Settings(spool_limit=SPOOL, max_staleness=timedelta(0)),
    "cold": Settings(cache_entries=0),
    # Its idling is put off every thirtieth of that, which is a write, and the database is locked.
    "session": Settings(spool_limit=SPOOL, session_idle=timedelta(days=1)),
}
EMAIL, PASSWORD = "ada@example.com", "a long and lovely word"
RATES = {"limited": "1000000/second"}  # never reached: a refusal would cost something else


def main() -> None:
    """Be the peer that was asked for."""
    face, _, what = configuration(*map("-".join, product(("blocking", "async"), SETTINGS))).partition("-")
    folder = Path(tempfile.mkdtemp())
    try:
        if face == "blocking":
            blocking(folder / "auth.db", what)
        else:
            asyncio.run(awaited(folder / "auth.db", what))
    finally:
        shutil.rmtree(folder)
        os._exit(0)  # without storing what was written down


def blocking(file: Path, what: str) -> None:
    """Verify plainly."""
    auth = Auth.open(f"sqlite:///{file}", settings=SETTINGS[what])
    verify: Callable[..., object]
    if what == "session":
        auth.users.create(EMAIL, PASSWORD)
        text, verify = auth.sign_in.with_password(EMAIL, PASSWORD).token.reveal(), auth.sessions.verify
    else:
        text = auth.keys.create("acct_42", name="CI", rate=RATES.get(what)).secret.reveal()
        verify = auth.keys.verify

    def many(turns: Iterable[int]) -> None:
        for _ in turns:
            verify(text, permission=PERMISSION)

    many(range(2))  # from now on it is remembered
    with nullcontext() if what == "cold" else locked(file):
        serve(many, text)


async def awaited(file: Path, what: str) -> None:
    """Verify by awaiting."""
    auth = AsyncAuth.open(f"sqlite:///{file}", settings=SETTINGS[what])
    verify: Callable[..., Awaitable[object]]
    if what == "session":
        await auth.users.create(EMAIL, PASSWORD)
        text = (await auth.sign_in.with_password(EMAIL, PASSWORD)).token.reveal()
        verify = auth.sessions.verify
    else:
        text = (await auth.keys.create("acct_42", name="CI", rate=RATES.get(what))).secret.reveal()
        verify = auth.keys.verify

    async def many(turns: Iterable[int]) -> None:
        for _ in turns:
            await verify(text, permission=PERMISSION)

    await many(range(2))
    with nullcontext() if what == "cold" else locked(file):
        await serve_awaited(many, text)


if __name__ == "__main__":
    main()
