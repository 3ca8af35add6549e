"""fastapi-users: who a token stands for, read by its strategy and its user manager on SQLite, a session per request."""

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fastapi_users import BaseUserManager, UUIDIDMixin
from fastapi_users.authentication import JWTStrategy
from fastapi_users.authentication.strategy.db import DatabaseStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users_db_sqlalchemy.access_token import SQLAlchemyAccessTokenDatabase, SQLAlchemyBaseAccessTokenTableUUID
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from benchmarks.peers.protocol import configuration, serve_awaited

SECRET = "for measuring only, and 32 characters long"


class Base(DeclarativeBase):
    """What its documentation begins with."""


class User(SQLAlchemyBaseUserTableUUID, Base):
    """Its table of users."""


class AccessToken(SQLAlchemyBaseAccessTokenTableUUID, Base):
    """Its table of tokens."""


class UserManager(UUIDIDMixin, BaseUserManager[User, Any]):
    """Its way to users."""


def main() -> None:
    """Be the peer that was asked for."""
    what = configuration("jwt", "database")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(peer(Path(folder) / "users.db", what))


def strategy(what: str, session: AsyncSession) -> Any:
    """Return what reads tokens."""
    if what == "jwt":
        return JWTStrategy(secret=SECRET, lifetime_seconds=3600)
    return DatabaseStrategy(SQLAlchemyAccessTokenDatabase(session, AccessToken), lifetime_seconds=3600)


async def peer(file: Path, what: str) -> None:
    """Read a token over and over."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with sessions() as session:
        fields = {"email": "ada@example.com", "hashed_password": "x", "is_active": True}
        user = await SQLAlchemyUserDatabase(session, User).create(fields)
        token = await strategy(what, session).write_token(user)

    async def many(turns: Iterable[int]) -> None:
        for _ in turns:
            async with sessions() as session:
                manager = UserManager(SQLAlchemyUserDatabase(session, User))
                if await strategy(what, session).read_token(token, manager) is None:
                    raise SystemExit("fastapi-users refused its own token")

    await serve_awaited(many)
    await engine.dispose()


if __name__ == "__main__":
    main()
