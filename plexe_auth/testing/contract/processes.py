"""Two processes at once: a race has one winner among all their threads."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest

from plexe_auth.rows import Insert, Spent
from plexe_auth.storage.store import Store
from plexe_auth.testing.contract.opened import Opened, plainly
from plexe_auth.testing.contract.races import redeemed
from plexe_auth.testing.contract.samples import NOW, SECOND, account, found, fresh

PROCESSES = 2
THREADS = 16
ROUNDS = 5
PATIENCE = 60

Act = Callable[[Store, str], Any]


class Processes(Opened):
    """What happens when two processes ask at once. Skipped where `elsewhere` says that they cannot."""

    def test_one_of_two_processes_redeems_a_code_and_both_spend_one_budget(self, store: Store) -> None:
        codes, bucket = [account() for _ in range(ROUNDS)], fresh("bucket")
        store.commit(*(Insert("accounts", code) for code in codes))
        *won, spent = self._in_processes([*((_redeem, code["id"]) for code in codes), (_spend, bucket)])
        assert [answers.count(True) for answers in won] == [1] * ROUNDS
        assert all(found(store, "accounts", code["id"])["suspended_at"] == NOW for code in codes)
        assert sorted(spent) == [*range(1, 21), *[21] * (PROCESSES * THREADS - 20)]
        assert store.spend(bucket, 100, SECOND, NOW) == Spent(22, NOW + SECOND)

    def _in_processes(self, acts: list[tuple[Act, str]]) -> list[list[Any]]:
        """Return for each act what every thread of every process answered."""
        opening = self.elsewhere()
        if opening is None:
            pytest.skip("no other process can open this store")
        context = multiprocessing.get_context("spawn")
        start = context.Barrier(PROCESSES * THREADS, timeout=PATIENCE)
        with ProcessPoolExecutor(PROCESSES, context, _Here.begin, (start,)) as processes:
            working = [processes.submit(_work, opening, acts) for _ in range(PROCESSES)]
            answers = [work.result() for work in working]
        return [[answer for one in answers for answer in one[place]] for place in range(len(acts))]


class _Here:
    """What a process is given when it begins: a barrier can be handed over at no other time."""

    start: Barrier

    @classmethod
    def begin(cls, start: Barrier) -> None:
        cls.start = start


def _work(opening: Callable[[], Any], acts: list[tuple[Act, str]]) -> list[list[Any]]:
    with plainly(opening) as store, ThreadPoolExecutor(THREADS) as threads:

        def wait_and_act(act: Act, name: str) -> Any:
            _Here.start.wait()
            return act(store, name)

        return [list(threads.map(wait_and_act, [act] * THREADS, [name] * THREADS)) for act, name in acts]


def _redeem(store: Store, code: str) -> bool:
    return redeemed(store, code, 0)


def _spend(store: Store, bucket: str) -> int:
    return store.spend(bucket, 20, SECOND, NOW).count
