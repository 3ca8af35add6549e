"""`Store.commit` of many changes of one kind: each is made as if it were alone, however a backend runs them."""

import pytest

from plexe_auth.errors import Conflict
from plexe_auth.rows import Add, Change, Compare, Delete, Ensure, Greatest, Insert, Query, Update, equal
from plexe_auth.storage.store import Store
from plexe_auth.testing.contract.opened import Opened
from plexe_auth.testing.contract.samples import NOW, account, found, fresh, key


class Many(Opened):
    """What `commit` changes when it is asked for much at once."""

    def test_many_rows_are_added_each_with_its_own_values(self, store: Store) -> None:
        rows = [key(name=str(place), expires_at=place or None) for place in range(40)]
        assert store.commit(*(Insert("keys", row) for row in rows)) == (1,) * 40
        assert [found(store, "keys", row["id"]) for row in rows] == rows

    def test_many_inserts_of_which_one_is_taken_add_nothing(self, store: Store) -> None:
        rows = [account() for _ in range(20)]
        store.commit(Insert("accounts", rows[13]))
        with pytest.raises(Conflict):
            store.commit(*(Insert("accounts", row) for row in rows))
        assert [place for place, row in enumerate(rows) if store.get("accounts", "id", row["id"])] == [13]

    def test_many_are_ensured_each_unless_it_is_there(self, store: Store) -> None:
        rows = [account(suspended_at=NOW) for _ in range(20)]
        store.commit(Insert("accounts", rows[7] | {"suspended_at": 7}))
        assert store.commit(*(Ensure("accounts", row) for row in (*rows, rows[0]))) == (0,) * 21
        kept = [found(store, "accounts", row["id"])["suspended_at"] for row in rows]
        assert kept == [7 if place == 7 else NOW for place in range(20)]

    def test_many_updates_each_say_what_they_met_and_are_made_once(self, store: Store) -> None:
        rows = [key(version=place) for place in range(12)]
        store.commit(*(Insert("keys", row) for row in rows if row["version"] % 3))
        changes = [_counted_up(row["id"], row["version"], several=True) for row in rows]
        assert store.commit(*changes) == tuple(int(row["version"] % 3 > 0) for row in rows)
        for row in rows:
            place = row["version"]
            met = row | {"version": 2 * place, "last_used_at": NOW + place} if place % 3 else None
            assert store.get("keys", "id", row["id"]) == met

    def test_many_updates_of_one_row_add_up(self, store: Store) -> None:
        row = key(version=0)
        store.commit(Insert("keys", row), *(_counted_up(row["id"], more, several=False) for more in range(10)))
        assert found(store, "keys", row["id"]) == row | {"version": 45, "last_used_at": NOW + 9}

    def test_many_updates_of_which_one_meets_nothing_change_nothing(self, store: Store) -> None:
        rows = [key() for _ in range(6)]
        store.commit(*(Insert("keys", row) for row in rows))
        names = [*(row["id"] for row in rows), fresh()]
        with pytest.raises(Conflict):
            store.commit(*(_counted_up(name, 5, several=False) for name in names))
        assert [found(store, "keys", row["id"]) for row in rows] == rows

    def test_updates_that_look_for_nothing_are_not_taken_for_those_that_look_for_something(self, store: Store) -> None:
        free, taken = account(), account(suspended_at=NOW)
        store.commit(Insert("accounts", free), Insert("accounts", taken))
        for wanted, met in ((None, (1, 0)), (NOW, (0, 1))):
            changes = [_renamed(row["id"], suspended_at=wanted) for row in (free, taken)]
            assert store.commit(*changes) == met

    def test_a_stretch_of_ids_is_removed_and_nothing_beside_it(self, store: Store) -> None:
        base = fresh()
        rows = [account(id=f"{base}{end}") for end in ("A", "B", "Z", "a", "b")]
        store.commit(*(Insert("accounts", row) for row in rows))
        stretch = (Compare("id", ">", f"{base}A"), Compare("id", "<=", f"{base}a"))
        assert store.commit(Delete("accounts", stretch, several=True)) == (3,)
        left = store.page(Query("accounts", (Compare("id", ">", base),), ("id",), (f"{base}~",)))
        assert [row["id"] for row in left] == [f"{base}b", f"{base}A"]


def _counted_up(name: str, more: int, *, several: bool) -> Change:
    return Update("keys", (equal("id", name),), {"version": Add(more), "last_used_at": Greatest(NOW + more)}, several)


def _renamed(name: str, *, suspended_at: int | None) -> Change:
    wanted = (equal("id", name), equal("suspended_at", suspended_at))
    return Update("accounts", wanted, {"suspended_reason": "met"}, several=True)
