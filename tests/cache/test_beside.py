"""What lies beside a cache is believed as long as what is in it."""

import pytest

from plexe_auth.cache import beside
from plexe_auth.cache.beside import Beside
from plexe_auth.cache.cache import Cache
from plexe_auth.cache.known import Known, unpacked


@pytest.fixture
def cache() -> Cache[Known]:
    return Cache(10, unpacked)


def test_it_is_known_until_something_is_narrowed(cache: Cache[Known]) -> None:
    names: Beside[str] = Beside(cache)
    names.put(b"1", "Ada", cache.knowledge)
    assert (names.get(b"1"), names.get(b"2")) == ("Ada", None)
    cache.renew()
    assert names.get(b"1") is None


def test_what_was_read_before_something_was_narrowed_is_not_remembered(cache: Cache[Known]) -> None:
    names, before = Beside[str](cache), cache.knowledge
    cache.renew()
    names.put(b"1", "Ada", before)
    names.put(b"2", "Grace", cache.knowledge)
    assert (names.get(b"1"), names.get(b"2")) == (None, "Grace")


def test_K05_who_was_about_to_write_when_something_was_narrowed_writes_where_nobody_looks(cache: Cache[Known]) -> None:
    names = Beside[str](cache)
    names.put(b"1", "Ada", cache.knowledge)
    era = names._era  # in the hands of another thread, which has just seen that it is the right one
    cache.renew()
    names.put(b"2", "Grace", cache.knowledge)
    era.known[b"1"] = "Ada, as she was"
    assert names.get(b"1") is None


def test_it_is_bounded(cache: Cache[Known], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "_MOST", 3)
    names = Beside[int](cache)
    for number in range(10):
        names.put(bytes([number]), number, cache.knowledge)
        assert names.get(bytes([number])) == number
        assert len(names._era.known) <= 3
