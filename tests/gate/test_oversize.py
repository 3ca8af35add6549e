"""Input that is too long or too much costs neither a hash nor a look-up."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

import plexe_auth.model.token
from plexe_auth import AsyncAuth, Auth, Policy
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.threaded import Threaded
from tests.conftest import Clock
from tests.faces import Loop, Plainly
from tests.gate.shims import Ask, Host, Shim


class Counting(MemoryStore):
    """A store that counts how often it is read."""

    reads = 0

    def get(self, *args: Any, **kwargs: Any) -> Any:
        self.reads += args[0] == "keys"
        return super().get(*args, **kwargs)


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def auth(shim: type[Shim], store: Counting, clock: Clock, loop: Loop) -> object:
    if shim.face == "blocking":
        return Auth(store, clock=clock)
    return Plainly(AsyncAuth(Threaded(store, quick=True), clock=clock), loop)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The length of everything that is hashed."""
    lengths: list[int] = []
    real = plexe_auth.model.token.digest

    def digest(data: bytes, pepper: bytes | None = None) -> bytes:
        lengths.append(len(data))
        return real(data, pepper)

    monkeypatch.setattr(plexe_auth.model.token, "digest", digest)
    return lengths


LONG = {
    "64 KB": lambda key: ((("x-api-key", key + "x" * 65_536),)),
    "1 MB": lambda key: ((("x-api-key", "plx_sk_" + "x" * 1_000_000),)),
    "a long bearer": lambda key: ((("authorization", f"Bearer {key}" + "x" * 65_536),)),
    "many bearers": lambda key: ((("authorization", "Bearer," * 10_000),)),
    "10,000 keys": lambda key: (("x-api-key", key),) * 10_000,
    "10,000 bearers": lambda key: (("authorization", f"Bearer {key}"),) * 10_000,
    "10,000 others": lambda key: tuple((f"x-{n}", key) for n in range(10_000)),
    "a long proxy chain": lambda key: ((("x-forwarded-for", "127.0.0.1," * 6_000),)),
    "wrong by its checksum": lambda key: ((("x-api-key", key[:-1] + ("a" if key[-1] != "a" else "b")),)),
}


@pytest.mark.parametrize("what", LONG)
def test_K13_too_much_is_refused_without_a_hash_or_a_read(
    guarded: Callable[..., Shim], auth: Auth, store: Counting, hashed: list[int], what: str
) -> None:
    key = auth.keys.create("acct_1", name="k").secret.reveal()
    app = guarded(Policy(bearer=True, trusted_proxies=("127.0.0.1",), https="off"))
    store.reads = 0
    hashed.clear()
    assert app(Ask(fields=LONG[what](key))).code == "invalid_key"
    assert (store.reads, hashed) == (0, [])


@pytest.mark.parametrize("field", ["x-api-key", "authorization"])
@pytest.mark.parametrize("shim", ["asgi"], indirect=True)
def test_K13_much_takes_memory_in_proportion(guarded: Callable[..., Shim], field: str) -> None:
    app, asks = guarded(Policy(bearer=True)), [Ask(fields=((field, "Bearer," * count),)) for count in (1_000, 8_000)]
    peaks = []
    for ask in asks:
        tracemalloc.start()
        assert app(ask).code == "invalid_key"
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 16 * peaks[0]


def test_K13_a_good_key_costs_one_hash_and_one_read(
    guarded: Callable[..., Shim], auth: Auth, store: Counting, hashed: list[int]
) -> None:
    key = auth.keys.create("acct_1", name="k").secret.reveal()
    store.reads = 0
    hashed.clear()
    assert guarded()(Ask().by(key)).code == "ok"
    assert (store.reads, hashed) == (1, [len(key)])


def test_a_public_path_costs_nothing(
    guarded: Callable[..., Shim], auth: Auth, store: Counting, hashed: list[int]
) -> None:
    key = auth.keys.create("acct_1", name="k").secret.reveal()
    store.reads = 0
    hashed.clear()
    app = guarded(Policy(public=("/healthz",)), Host())
    assert app(Ask(target="/healthz").by(key)).code == "ok"
    assert (store.reads, hashed) == (0, [])
