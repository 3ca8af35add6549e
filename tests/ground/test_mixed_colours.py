"""A store of the wrong colour is refused when a face is built, and again at each answer: it never lets anybody in."""

import asyncio
import functools
import operator
from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import AsyncAuth, Auth, ConfigurationError
from plexe_auth.model.token import KeyFormat
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.threaded import Threaded

VERBS = ("get", "page", "commit", "spend", "close")


def later(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a verb into one that answers by a coroutine, without looking like it: as a wrapper would."""

    async def answer(*args: Any, **kwargs: Any) -> Any:
        return verb(*args, **kwargs)

    return functools.partial(operator.call, answer)


def disguised(verb: str) -> MemoryStore:
    """Make a blocking store one verb of which answers by a coroutine."""
    store = MemoryStore()
    setattr(store, verb, later(getattr(store, verb)))
    return store


def test_an_asynchronous_store_is_refused_under_Auth() -> None:
    store: Any = Threaded(MemoryStore())
    with pytest.raises(ConfigurationError, match="use AsyncAuth, or a blocking store"):
        Auth(store)


def test_a_blocking_store_is_refused_under_AsyncAuth() -> None:
    store: Any = MemoryStore()
    with pytest.raises(ConfigurationError, match=r"wrap it in plexe_auth\.storage\.threaded\.Threaded"):
        AsyncAuth(store)


@pytest.mark.parametrize("verb", VERBS)
def test_one_asynchronous_verb_is_enough_to_be_refused_under_Auth(verb: str) -> None:
    store = MemoryStore()
    setattr(store, verb, getattr(Threaded(MemoryStore()), verb))
    with pytest.raises(ConfigurationError):
        Auth(store)


@pytest.mark.parametrize("face", [Auth, AsyncAuth])
@pytest.mark.parametrize("store", [None, object(), "sqlite:///auth.db"], ids=["None", "an object", "a URL"])
def test_what_is_no_store_is_refused(face: Any, store: object) -> None:
    with pytest.raises(ConfigurationError, match="a store offers the verbs get, page, commit, spend, close"):
        face(store)


def test_an_answer_in_disguise_never_lets_anybody_in() -> None:
    auth = Auth(disguised("get"))
    well_formed = KeyFormat("plx_sk_").make().reveal()
    with pytest.raises(ConfigurationError, match="returned something to await"):
        auth.keys.verify(well_formed)


@pytest.mark.parametrize(
    ("verb", "call"),
    [
        ("get", lambda auth: auth.keys.get("key_1")),
        ("page", lambda auth: auth.keys.page("acct_42")),
        ("commit", lambda auth: auth.keys.create("acct_42", name="CI")),
        ("close", lambda auth: auth.close()),
    ],
)
def test_an_answer_in_disguise_is_refused_at_each_verb(verb: str, call: Callable[[Auth], object]) -> None:
    auth = Auth(disguised(verb))
    with pytest.raises(ConfigurationError, match="returned something to await"):
        call(auth)


def test_spending_in_disguise_is_refused() -> None:
    spend = Auth(disguised("spend")).world.store.spend
    with pytest.raises(ConfigurationError, match="returned something to await"):
        asyncio.run(spend("bucket", 1, 1, 0))
