"""better-auth-server: an API key by its plugin, and a session by its cookie, with the cookie cache and without."""

import asyncio
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from better_auth import BetterAuth, EmailAndPassword
from better_auth.adapters.base import BaseAdapter
from better_auth.adapters.memory import MemoryAdapter
from better_auth.adapters.sqlalchemy import SQLAlchemyAdapter
from better_auth.config import CookieCache, SessionOptions
from better_auth.plugins_ext import ApiKeyPlugin
from better_auth.types import AuthRequest, Ctx
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.peers.protocol import ManyAwaited, configuration, serve_awaited

SECRET = "for measuring only, and 32 characters long"
WANTED = {"models": ["read"]}
SIGN_UP = {"name": "Ada", "email": "ada@example.com", "password": "correct horse battery staple"}


def main() -> None:
    """Be the peer that was asked for."""
    what = configuration("key-memory", "key-sqlite", "session-cached", "session-sqlite")
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(peer(Path(folder) / "auth.db", what))


async def peer(file: Path, what: str) -> None:
    """Verify what was asked for."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{file}")
    adapter = MemoryAdapter() if what == "key-memory" else SQLAlchemyAdapter(engine)
    plugin = ApiKeyPlugin({"rate_limit": {"max_requests": 10**9}})
    auth = opened(adapter, plugin, cached=what == "session-cached")
    if isinstance(adapter, SQLAlchemyAdapter):
        await adapter.create_tables()
    many = await (keys(auth, plugin) if what.startswith("key") else sessions(auth))
    await serve_awaited(many)
    await engine.dispose()


def opened(adapter: BaseAdapter, plugin: ApiKeyPlugin, *, cached: bool) -> BetterAuth:
    """Return the library, set up."""
    return BetterAuth(
        secret=SECRET,
        adapter=adapter,
        plugins=[plugin],
        email_and_password=EmailAndPassword(enabled=True),
        session=SessionOptions(cookie_cache=CookieCache(enabled=cached)),
    )


async def keys(auth: BetterAuth, plugin: ApiKeyPlugin) -> ManyAwaited:
    """Return what verifies a key."""
    _cookies, user = await signed_up(auth)
    ctx = Ctx(auth, AuthRequest("POST", "/api-key/create"))
    text = (await plugin.create_api_key(ctx, userId=user, name="CI", permissions=WANTED))["key"]

    async def many(turns: Iterable[int]) -> None:
        for _ in turns:
            found = await plugin.verify_api_key(ctx, key=text, permissions=WANTED)
            if not found["valid"]:
                raise SystemExit("better-auth-server refused its own key")

    return many


async def sessions(auth: BetterAuth) -> ManyAwaited:
    """Return what verifies a session, in a request of its own each time."""
    cookies, _user = await signed_up(auth)

    async def many(turns: Iterable[int]) -> None:
        for _ in turns:
            if await auth.load_session(AuthRequest("GET", "/me", {"cookie": cookies})) is None:
                raise SystemExit("better-auth-server refused its own session")

    return many


async def signed_up(auth: BetterAuth) -> tuple[str, str]:
    """Return the cookies and the id of somebody who signed up."""
    fields = {"content-type": "application/json"}
    answer = await auth.handle(AuthRequest("POST", "/sign-up/email", fields, body=json.dumps(SIGN_UP).encode()))
    cookies = [value.partition(";")[0] for name, value in answer.headers if name.lower() == "set-cookie"]
    return "; ".join(cookies), answer.body["user"]["id"]


if __name__ == "__main__":
    main()
