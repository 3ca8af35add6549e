"""keyshield: `verify_key` with a scope. By default Argon2 on each call and a random delay of 100 to 300 ms.

Its fastest is the cached service with that delay switched off, in memory or on SQLite with a session for each request,
as its documentation shows.
"""

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path

import aiocache
from keyshield import ApiKeyService
from keyshield.hasher.argon2 import Argon2ApiKeyHasher
from keyshield.repositories.in_memory import InMemoryApiKeyRepository
from keyshield.repositories.sql import SqlAlchemyApiKeyRepository
from keyshield.services.cached import CachedApiKeyService
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

from benchmarks.peers.protocol import configuration, serve_awaited

HASHER = Argon2ApiKeyHasher(pepper="for measuring only")
SCOPES = ["models:read"]
UNDELAYED = {"min_delay": 0.0, "max_delay": 0.0}


def main() -> None:
    """Be the peer that was asked for."""
    what = configuration("memory", "sqlite", "default")
    if what == "memory":
        asyncio.run(in_memory())
    else:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(on_sqlite(Path(folder) / "keys.db", cached=what == "sqlite"))


async def in_memory() -> None:
    """Verify what lies in a dictionary."""
    service = CachedApiKeyService(InMemoryApiKeyRepository(), HASHER, **UNDELAYED)
    _entity, text = await service.create(name="CI", scopes=SCOPES)

    async def many(turns: Iterable[int]) -> None:
        for _ in turns:
            await service.verify_key(text, SCOPES)

    await serve_awaited(many)


async def on_sqlite(file: Path, *, cached: bool) -> None:
    """Verify what lies in a file."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
    sessions, cache = async_sessionmaker(engine, expire_on_commit=False), aiocache.SimpleMemoryCache()
    async with sessions() as session, session.begin():
        repository = SqlAlchemyApiKeyRepository(session)
        await repository.ensure_table(async_engine=engine)
        _entity, text = await ApiKeyService(repository, HASHER).create(name="CI", scopes=SCOPES)

    async def many(turns: Iterable[int]) -> None:
        for _ in turns:
            async with sessions() as session, session.begin():
                repository = SqlAlchemyApiKeyRepository(session)
                if cached:
                    await CachedApiKeyService(repository, HASHER, cache, **UNDELAYED).verify_key(text, SCOPES)
                else:
                    await ApiKeyService(repository, HASHER).verify_key(text, SCOPES)

    await serve_awaited(many)
    await engine.dispose()


if __name__ == "__main__":
    main()
