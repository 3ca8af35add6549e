"""Many threads at once: a race has one winner, a count misses nothing, and nobody sees half of a commit."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from plexe_auth.errors import Conflict
from plexe_auth.rows import Add, Change, Delete, Ensure, Greatest, Insert, Update, equal
from plexe_auth.storage.store import Store
from plexe_auth.testing.contract.opened import Opened
from plexe_auth.testing.contract.samples import NOW, SECOND, account, found, fresh, key

T = TypeVar("T")

THREADS = 32


class Races(Opened):
    """What happens when many ask at once."""

    def test_one_of_many_redeems_a_code_by_marking_it(self, store: Store) -> None:
        row = account()
        store.commit(Insert("accounts", row))
        assert at_once(lambda place: redeemed(store, row["id"], place)).count(True) == 1

    def test_one_of_many_redeems_a_code_by_deleting_it(self, store: Store) -> None:
        row = account()
        store.commit(Insert("accounts", row))
        change = Delete("accounts", (equal("id", row["id"]),))
        assert at_once(lambda _place: committed(store, change)).count(True) == 1

    def test_one_of_many_takes_an_id(self, store: Store) -> None:
        row_id = fresh("key")
        won = at_once(lambda place: committed(store, Insert("keys", key(id=row_id, name=str(place)))))
        assert won.count(True) == 1
        assert found(store, "keys", row_id)["name"] == str(won.index(True))

    def test_one_of_many_takes_a_unique_value(self, store: Store) -> None:
        digest = key()["digest"]
        assert at_once(lambda _place: committed(store, Insert("keys", key(digest=digest)))).count(True) == 1

    def test_all_of_many_may_ensure_the_same_row(self, store: Store) -> None:
        row = account()
        assert all(at_once(lambda _place: committed(store, Ensure("accounts", row))))
        assert found(store, "accounts", row["id"]) == row

    def test_no_addition_is_lost(self, store: Store) -> None:
        row = key(version=0)
        store.commit(Insert("keys", row))
        change = Update("keys", (equal("id", row["id"]),), {"version": Add(1)})
        assert all(at_once(lambda _place: committed(store, change, change)))
        assert found(store, "keys", row["id"])["version"] == 2 * THREADS

    def test_no_change_is_lost_between_a_read_and_a_write_that_compares(self, store: Store) -> None:
        row = key(version=0)
        store.commit(Insert("keys", row))
        won = at_once(lambda _place: [_stepped(store, row["id"]) for _ in range(4)])
        assert found(store, "keys", row["id"])["version"] == sum(sum(steps) for steps in won)

    def test_two_rows_in_opposite_order_do_not_block_each_other(self, store: Store) -> None:
        rows = [key(version=0), key(version=0)]
        store.commit(*(Insert("keys", row) for row in rows))
        changes = [Update("keys", (equal("id", row["id"]),), {"version": Add(1)}) for row in rows]
        at_once(lambda place: committed(store, *(changes if place % 2 else reversed(changes))), threads=4)
        assert [found(store, "keys", row["id"])["version"] for row in rows] == [4, 4]

    def test_K07_a_key_that_is_used_while_it_is_revoked_stays_revoked(self, store: Store) -> None:
        row = key()
        store.commit(Insert("keys", row))
        at_once(lambda place: _revoked_or_used(store, row["id"], place))
        now = found(store, "keys", row["id"])
        assert now == row | {"revoked_at": NOW, "version": 2, "last_used_at": NOW + THREADS - 1}

    def test_K07_a_key_that_is_used_while_it_is_deleted_stays_deleted(self, store: Store) -> None:
        row = key()
        store.commit(Insert("keys", row))
        gone = Delete("keys", (equal("id", row["id"]),))
        at_once(lambda place: committed(store, gone) if place == 7 else _used(store, row["id"], place))
        assert store.get("keys", "id", row["id"]) is None

    def test_nobody_sees_half_of_a_commit(self, store: Store) -> None:
        theirs = account(suspended_at=1)
        row = key(account_id=theirs["id"])
        store.commit(Insert("accounts", theirs), Insert("keys", row))

        def write_or_read(place: int) -> bool:
            if place % 4 == 0:
                return all(committed(store, *_both(row)) for _ in range(10))
            seen = [store.get("keys", "id", row["id"], along=("account",)) or {} for _ in range(20)]
            return all(one["version"] == one["account"]["suspended_at"] for one in seen)

        assert all(at_once(write_or_read))

    def test_of_a_conflicting_commit_nobody_sees_anything(self, store: Store) -> None:
        row = key()
        store.commit(Insert("keys", row))
        named = Update("keys", (equal("id", row["id"]),), {"name": "half done"})

        def write_or_read(place: int) -> bool:
            if place % 4 == 0:
                return not any(committed(store, named, Insert("keys", row)) for _ in range(10))
            return all(found(store, "keys", row["id"])["name"] == row["name"] for _ in range(20))

        assert all(at_once(write_or_read))

    def test_what_one_thread_was_told_is_done_every_other_sees(self, store: Store) -> None:
        row = key()
        store.commit(Insert("keys", row))
        done = threading.Event()

        def revoke_or_look(place: int) -> bool:
            if place == 0:
                store.commit(Update("keys", (equal("id", row["id"]),), {"revoked_at": NOW}))
                done.set()
            return not done.is_set() or found(store, "keys", row["id"])["revoked_at"] == NOW

        assert all(at_once(lambda place: all(revoke_or_look(place) for _ in range(10))))

    def test_a_budget_counts_every_one_exactly_once(self, store: Store) -> None:
        bucket = fresh("bucket")
        spent = at_once(lambda _place: store.spend(bucket, 20, SECOND, NOW).count)
        assert sorted(spent) == [*range(1, 21), *[21] * (THREADS - 20)]


def at_once(act: Callable[[int], T], threads: int = THREADS) -> list[T]:
    """Have that many threads act as nearly at once as can be, and return what each answered."""
    start = threading.Barrier(threads)

    def wait_and_act(place: int) -> T:
        start.wait(60)
        return act(place)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(wait_and_act, range(threads)))


def committed(store: Store, *changes: Change) -> bool:
    """Commit, and return whether it won."""
    try:
        store.commit(*changes)
    except Conflict:
        return False
    return True


def redeemed(store: Store, code: str, place: int) -> bool:
    """Redeem a single-use code, which is an account that nobody has suspended yet, and return whether it was ours."""
    unused = (equal("id", code), equal("suspended_at", None))
    return committed(store, Update("accounts", unused, {"suspended_at": NOW, "suspended_reason": str(place)}))


def _stepped(store: Store, key_id: str) -> bool:
    version = found(store, "keys", key_id)["version"]
    unchanged = (equal("id", key_id), equal("version", version))
    return committed(store, Update("keys", unchanged, {"version": version + 1}))


def _used(store: Store, key_id: str, place: int) -> bool:
    used = Update("keys", (equal("id", key_id),), {"last_used_at": Greatest(NOW + place)}, several=True)
    return committed(store, used)


def _revoked_or_used(store: Store, key_id: str, place: int) -> bool:
    if place == 7:
        unrevoked = (equal("id", key_id), equal("revoked_at", None))
        return committed(store, Update("keys", unrevoked, {"revoked_at": NOW, "version": Add(1)}))
    return _used(store, key_id, place)


def _both(row: Any) -> Iterable[Change]:
    yield Update("keys", (equal("id", row["id"]),), {"version": Add(1)})
    yield Update("accounts", (equal("id", row["account_id"]),), {"suspended_at": Add(1)})
