"""safe-api-keys: `KeyManager.verify` with a scope, on a SQLite file, with a cache of 300 seconds and without."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from safe_api_keys import KeyManager, VerifyCache
from safe_api_keys.stores import SQLiteStore

from benchmarks.peers.protocol import configuration, serve

PEPPER = b"for measuring only: 32 bytes or more"


def main() -> None:
    """Be the peer that was asked for."""
    cache = VerifyCache(ttl=300) if configuration("cached", "default") == "cached" else None
    with tempfile.TemporaryDirectory() as folder:
        manager = KeyManager(SQLiteStore(Path(folder) / "keys.db"), prefix="sk_live", pepper=PEPPER, cache=cache)
        text = manager.issue("acct_42", scopes=["models:read"]).raw_key

        def many(turns: Iterable[int]) -> None:
            for _ in turns:
                manager.verify(text, scopes=["models:read"])

        serve(many)
        manager.close()


if __name__ == "__main__":
    main()
