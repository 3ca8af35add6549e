"""A cache remembers so many keys and no more, drops those that nobody uses, and costs the collector nothing."""

import gc
import hashlib
import sys

import pytest

from plexe_auth import Auth, InvalidKey, Settings
from plexe_auth.cache.cache import Cache
from plexe_auth.cache.known import Known, unpacked
from plexe_auth.model.token import KeyFormat
from tests.keys.watch import Watch

NOW = 1_767_225_600_000_000  # 2026 begins


def name(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def filled(cache: Cache, numbers: range) -> None:
    for number in numbers:
        cache.put(name(number), f"acct_{number}\0key_{number}\0read", cache.knowledge)


def remembered(cache: Cache, numbers: range) -> set[int]:
    return {number for number in numbers if cache.take_up(name(number), NOW)}


@pytest.mark.parametrize("entries", [0, 1, 2, 10, 11])
def test_it_never_remembers_more_than_it_may(entries: int) -> None:
    cache = Cache(entries, unpacked)
    for number in range(50):
        filled(cache, range(number, number + 1))
        assert len(cache._young) + len(cache._old) <= entries + 1
    assert bool(remembered(cache, range(50))) == bool(entries)


def test_what_is_used_again_stays_however_many_others_come() -> None:
    cache = Cache(10, unpacked)
    filled(cache, range(1))
    for number in range(1, 1000):
        filled(cache, range(number, number + 1))
        assert cache.take_up(name(0), NOW)


def test_nothing_that_was_read_before_a_renewal_is_remembered_after_it() -> None:
    cache = Cache(10, unpacked)
    before = cache.knowledge
    cache.renew()
    cache.put(name(0), "acct\0key\0read", before)
    assert not remembered(cache, range(1))


@pytest.mark.parametrize("times", [1, 2])
def test_K05_a_renewal_while_a_key_is_taken_up_leaves_nothing_to_believe(times: int) -> None:
    taken_up = 0

    def meanwhile(packed: str, at: int) -> Known:
        nonlocal taken_up
        taken_up += 1
        if taken_up == times:
            cache.renew()
        return unpacked(packed, at)

    cache = Cache(10, meanwhile)
    filled(cache, range(1))
    assert [cache.take_up(name(0), NOW) is None for _ in range(times)] == [False] * (times - 1) + [True]
    assert not cache.hot


def test_a_flood_of_unknown_keys_drives_out_no_good_one() -> None:
    with Auth.open("memory://", settings=Settings(cache_entries=4)) as auth:
        good = auth.keys.create("acct_42", name="CI").secret.reveal()
        auth.keys.verify(good)
        made = KeyFormat("plx_sk_")
        for _ in range(100):
            with pytest.raises(InvalidKey):
                auth.keys.verify(made.make().reveal())
        asked = Watch(auth)
        auth.keys.verify(good)
        assert asked.count("get") == 0


def test_with_no_entries_nothing_is_remembered_and_no_epoch_is_read() -> None:
    with Auth.open("memory://", settings=Settings(cache_entries=0)) as auth:
        good = auth.keys.create("acct_42", name="CI").secret.reveal()
        asked = Watch(auth)
        for _ in range(3):
            auth.keys.verify(good)
        assert [one.values[0] for one in asked.asked] == ["keys"] * 3


def test_the_collector_has_nothing_to_look_at_in_what_is_remembered() -> None:
    cache = Cache(100_000, unpacked)
    filled(cache, range(20_000))
    assert not gc.is_tracked(cache._young)
    assert not any(map(gc.is_tracked, cache._young.values()))


def test_a_remembered_key_takes_at_most_420_bytes() -> None:
    cache = Cache(100_000, unpacked)
    for number in range(30_000):
        cache.put(name(number), f"acct_{number:010}\0key_{number:022}\0models:read jobs:write", cache.knowledge)
    held = sys.getsizeof(cache._young) + sum(
        sys.getsizeof(key) + sys.getsizeof(packed) for key, packed in cache._young.items()
    )
    assert held / len(cache._young) <= 420


def test_only_so_many_are_unpacked_at_a_time() -> None:
    cache = Cache(100_000, unpacked)
    filled(cache, range(9000))
    for number in range(9000):
        for _ in range(2):
            assert cache.take_up(name(number), NOW)
        assert len(cache.hot) <= 4096
        assert name(number) in cache.hot
    assert remembered(cache, range(9000)) == set(range(9000))


def test_what_comes_once_stays_packed_and_drives_nothing_out() -> None:
    cache = Cache(100_000, unpacked)
    filled(cache, range(20_000))
    for _ in range(2):
        assert cache.take_up(name(0), NOW)
    assert remembered(cache, range(20_000)) == set(range(20_000))
    assert set(cache.hot) == {name(0)}
    assert len(cache._met) <= 4096


def test_permissions_that_were_asked_for_are_remembered_only_so_far() -> None:
    with Auth.open("memory://") as auth:
        text = auth.keys.create("acct_42", name="CI", permissions="models_asked:*").secret.reveal()
        for number in range(5000):
            auth.keys.verify(text, permission=f"models_asked:a{number}")
        (known,) = auth.world.cache.hot.values()
        assert len(known.granted) <= 4096
