"""What customers write, as both checkers see it."""

from datetime import datetime, timedelta
from typing import assert_type

import httpx2

from plexe_auth.client import HTTPXAuth, Key, RequestsAuth, raise_for_problem

key = assert_type(Key.from_file("/run/secrets/plexe_key"), Key)


async def ask_the_vault() -> str:
    return "plx_sk_…"


def remind(sunset: datetime | None) -> None:
    """Told once."""


async def sleep(_seconds: float) -> None:
    """Not at all."""


httpx2.Client(auth=HTTPXAuth(key, longest_wait=timedelta(seconds=30), on_retiring=remind))
httpx2.AsyncClient(auth=HTTPXAuth(Key.from_callable(ask_the_vault), sleep=sleep))
RequestsAuth(Key.from_callable(lambda: "plx_sk_…"), origins=["https://api.example.com"], longest_wait=30)
assert_type(raise_for_problem(httpx2.get("https://api.example.com")), None)

Key.from_text(b"plx_sk_0123")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
