"""Whatever fails, and wherever: no frame of ours holds a key's text, so that no error report can."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import Settings, Unavailable
from plexe_auth.model import token
from plexe_auth.service import key_base
from tests.conftest import Clock
from tests.keys.frames import held_by, ours
from tests.keys.test_text import resealed
from tests.keys.watch import Watch

RANDOM = "k7" * 20


@pytest.fixture
def settings() -> Settings:
    """Every call of the store stands where it always does."""
    return Settings(cache_entries=0, max_staleness=timedelta(0))


@pytest.fixture
def text(auth: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """A good key's text, which is also the text that every further key would have."""
    monkeypatch.setattr(token, "random_text", lambda _length: RANDOM)
    return auth.keys.create("acct", name="CI", allowed_ips=["::1"]).secret.reveal()


def caught(ask: Callable[[], Any]) -> BaseException:
    with pytest.raises(BaseException) as info:  # noqa: PT011 - each way to fail has its own error
        ask()
    return info.value


def clean(text: str, ask: Callable[[], Any]) -> None:
    error = caught(ask)
    found = [one for one in held_by(error, ours(error)) if RANDOM in one or text.removeprefix("plx_sk_") in one]
    assert found == []


def with_text(auth: Any, text: str) -> dict[str, Callable[[], Any]]:
    """Every way to fail with a key's text in hand."""
    keys = auth.keys
    guess = resealed(text, 30, "A")
    return {
        "refused": lambda: keys.verify(text),
        "unknown": lambda: keys.verify(guess),
        "malformed": lambda: keys.verify(text + "\n"),
        "bytes": lambda: keys.verify(text.encode()),
        "in a list": lambda: keys.verify([text]),
        "a permission that is none": lambda: keys.verify(text, permission=""),
        "a permission of the wrong kind": lambda: keys.verify(text, permission=5),
        "an address of the wrong kind": lambda: keys.verify(text, ip=5),
        "fresh of the wrong kind": lambda: keys.verify(text, fresh="yes"),
        "misspelt": lambda: keys.verify(text, permision="read"),
        "given twice": lambda: keys.verify(text, text=text),
        "explained with a wrong permission": lambda: keys.explain(text, permission=""),
        "explained and misspelt": lambda: keys.explain(text, address="::1"),
        "leaked, with a wrong reason": lambda: keys.revoke_leaked(text, reason=5),
        "leaked, as bytes": lambda: keys.revoke_leaked(text.encode()),
        "leaked and misspelt": lambda: keys.revoke_leaked(text, why="leaked"),
    }


def test_no_frame_holds_the_text_that_was_refused(auth: Any, text: str) -> None:
    for ask in with_text(auth, text).values():
        clean(text, ask)


def test_no_frame_holds_the_text_when_the_store_fails(auth: Any, text: str, watched: Callable[[Any], Watch]) -> None:
    watch = watched(auth)
    asks: dict[Callable[[], Any], int] = {
        lambda: auth.keys.verify(text): 1,
        lambda: auth.keys.explain(text): 1,
        lambda: auth.keys.revoke_leaked(text): 3,
        lambda: auth.keys.create("acct", name="CI"): 2,
        lambda: auth.keys.rotate(auth.keys.page("acct").items[0].id): 3,
    }
    for ask, calls in asks.items():
        for call in range(calls):
            for when in ("before", "after"):
                watch.fail(call=call, when=when)
                clean(text, ask)


def test_no_frame_holds_the_text_when_a_digest_is_taken(auth: Any, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_base, "_LONGEST_PAUSE", 0)  # nobody else is there to be let past
    clean(text, lambda: auth.keys.create("acct", name="CI"))  # the same text again: the store refuses its digest
    clean(text, lambda: auth.keys.rotate(auth.keys.page("acct").items[0].id))


def test_no_frame_holds_the_text_when_the_store_is_gone(auth: Any, text: str, store_url: str) -> None:
    if store_url == "memory://":
        return  # a store in memory has nothing to lose
    auth.keys._store.get = gone
    for ask in (auth.keys.verify, auth.keys.explain, auth.keys.revoke_leaked):
        clean(text, lambda ask=ask: ask(text))


async def gone(*_args: Any, **_kwargs: Any) -> Any:
    raise OSError("the store is gone")


def test_no_frame_holds_the_text_when_the_clock_fails(
    quick: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = quick.keys.create("acct", name="CI").secret.reveal()
    clock.now = None  # type: ignore[assignment]
    for ask in (quick.keys.verify, quick.keys.explain, quick.keys.revoke_leaked):
        clean(text, lambda ask=ask: ask(text))


def test_H12_a_remembered_key_that_cannot_be_written_down_stays_in_no_frame(
    face: str, opened: Callable[..., Any], tmp_path: Path
) -> None:
    auth = opened(face, f"sqlite:///{tmp_path / 'auth.db'}", settings=Settings(spool_limit=65_536))
    text = auth.keys.create("acct", name="CI").secret.reveal()
    for _ in range(2):
        auth.keys.verify(text)
    with closing(sqlite3.connect(tmp_path / "auth.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")  # nothing can be stored

        def until_it_is_full() -> None:
            while True:
                auth.keys.verify(text)

        error = caught(until_it_is_full)
    assert isinstance(error, Unavailable)
    assert [one for one in held_by(error, ours(error)) if text.removeprefix("plx_sk_") in one] == []
