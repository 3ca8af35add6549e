"""Ids are unique over threads and forks, and sort by the time they were made."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.identifier import base62, new_id
from plexe_auth.secret import BASE62

FORKING = """
import os, sys
from plexe_auth.identifier import new_id
from plexe_auth.model.token import KeyFormat
from plexe_auth.secret import random_text

random_text(40), new_id("key")  # whatever state there is, the children inherit it
for child in range(4):
    if os.fork() == 0:
        ids = [new_id("key") for _ in range(500)]
        words = [KeyFormat("plx_sk_").make().reveal() for _ in range(500)]
        sys.stdout.write("".join(f"{one}\\n" for one in ids + words))
        sys.stdout.flush()
        os._exit(0)
for child in range(4):
    os.wait()
"""


def test_later_ids_sort_after_earlier_ones() -> None:
    ids = [new_id("key") for _ in range(2_000)]
    assert ids == sorted(ids)


def test_ids_sort_by_time_whatever_chance_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    ids: list[str] = []
    for instant in (0, 1, 61, 62, 3_843, 3_844, 1_750_000_000_000_000_000, 2**63 - 1):
        monkeypatch.setattr(time, "time_ns", lambda instant=instant: instant)
        ids.append(new_id("key"))
    assert ids == sorted(ids)


def test_an_id_tells_its_kind_and_has_one_length_and_alphabet() -> None:
    kind, _, rest = new_id("key").partition("_")
    assert kind == "key"
    assert len(rest) == 22
    assert set(rest) <= set(BASE62)


def test_ids_are_unique_over_threads() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: [new_id("key") for _ in range(1_000)], range(8)))
    assert len({one for ids in made for one in ids}) == 8_000


def test_ids_made_in_the_same_instant_are_unique(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1)
    assert len({new_id("key") for _ in range(10_000)}) == 10_000


def test_H19_forked_workers_never_make_the_same_id_or_key() -> None:
    made = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, check=True, timeout=60)
    words = made.stdout.split()
    assert len(words) == len(set(words)) == 4_000


@given(st.integers(0, 62**11 - 1), st.integers(0, 62**11 - 1))
def test_base_62_keeps_the_order_of_numbers(one: int, other: int) -> None:
    assert (base62(one, 11) < base62(other, 11)) == (one < other)


@given(
    st.integers(min_value=1, max_value=12).flatmap(
        lambda length: st.tuples(st.integers(0, 62**length - 1), st.just(length))
    )
)
def test_base_62_is_read_back_as_the_same_number(case: tuple[int, int]) -> None:
    number, length = case
    text = base62(number, length)
    assert len(text) == length
    assert sum(BASE62.index(digit) * 62**place for place, digit in enumerate(reversed(text))) == number
