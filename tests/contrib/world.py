"""One store with one key of each kind, opened for both faces, so that every framework answers about the same keys."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from plexe_auth import AsyncAuth, Auth
from tests.conftest import Clock


@dataclass(frozen=True)
class World:
    """A store with keys in it; `keys` maps what a key is to its text."""

    blocking: Auth
    awaited: AsyncAuth
    keys: dict[str, str]


@contextmanager
def opened(url: str) -> Iterator[World]:
    clock = Clock()
    with Auth.open(url, clock=clock) as auth:
        awaited = AsyncAuth.open(url, clock=clock)
        yield World(auth, awaited, _keys(auth, clock))
        asyncio.run(awaited.close())


def _keys(auth: Auth, clock: Clock) -> dict[str, str]:
    made = {
        "reader": auth.keys.create("acct_42", name="reader", permissions="read"),
        "writer": auth.keys.create("acct_42", name="writer", permissions="read write"),
        "narrow": auth.keys.create("acct_42", name="narrow", permissions="models:read"),
        "admin": auth.keys.create("acct_42", name="admin", permissions="*:*"),
        "expired": auth.keys.create("acct_42", name="expired", expires_in=timedelta(seconds=1)),
        "revoked": auth.keys.create("acct_42", name="revoked"),
        "disabled": auth.keys.create("acct_42", name="disabled"),
        "elsewhere": auth.keys.create("acct_42", name="elsewhere", allowed_ips=["203.0.113.7"]),
        "rotated": auth.keys.create("acct_42", name="rotated"),
    }
    clock.advance(timedelta(seconds=2))
    auth.keys.revoke(made["revoked"].key.id)
    auth.keys.disable(made["disabled"].key.id)
    auth.keys.rotate(made["rotated"].key.id)
    return {name: issued.secret.reveal() for name, issued in made.items()} | {"unknown": "plx_sk_" + "0" * 46}
