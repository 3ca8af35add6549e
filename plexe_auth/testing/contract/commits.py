"""`Store.commit`: all of it or nothing, counted, and column by column."""

from typing import Any

import pytest

from plexe_auth.errors import Conflict
from plexe_auth.rows import Add, Change, Delete, Ensure, Greatest, Insert, Update, above, equal
from plexe_auth.storage.store import Store
from plexe_auth.testing.contract.opened import Opened
from plexe_auth.testing.contract.samples import NOW, account, found, fresh, key


class Commits(Opened):
    """What `commit` changes."""

    def test_each_change_says_how_many_rows_it_met(self, store: Store) -> None:
        one, two, three = (account() for _ in range(3))
        where = (equal("id", one["id"]),)
        changes: list[Change] = [Insert("accounts", one), Ensure("accounts", two), Ensure("accounts", one)]
        changes += [
            Update("accounts", where, {"suspended_at": NOW}),
            Delete("accounts", where),
            Insert("accounts", three),
        ]
        assert _counts(store.commit(*changes)) == [1, 0, 0, 1, 1, 1]

    def test_a_commit_of_nothing_changes_nothing(self, store: Store) -> None:
        assert store.commit() == ()

    def test_an_insert_on_a_taken_id_conflicts_and_leaves_what_is_there(self, store: Store) -> None:
        row = _kept(store, key())
        with pytest.raises(Conflict):
            store.commit(Insert("keys", key(id=row["id"])))
        assert found(store, "keys", row["id"]) == row

    def test_an_insert_on_a_taken_unique_value_conflicts(self, store: Store) -> None:
        row, other = _kept(store, key()), key()
        with pytest.raises(Conflict):
            store.commit(Insert("keys", other | {"digest": row["digest"]}))
        assert store.get("keys", "id", other["id"]) is None

    def test_ensure_adds_what_is_not_there_and_leaves_what_is(self, store: Store) -> None:
        row = account(suspended_at=NOW)
        store.commit(Ensure("accounts", row))
        store.commit(Ensure("accounts", account(id=row["id"], suspended_at=NOW + 1)))
        assert found(store, "accounts", row["id"]) == row

    def test_an_update_sets_its_columns_and_no_other(self, store: Store) -> None:
        row = _kept(store, key(rate="1/day"))
        store.commit(Update("keys", (equal("id", row["id"]),), {"name": "new", "rate": None, "expires_at": NOW}))
        assert found(store, "keys", row["id"]) == row | {"name": "new", "rate": None, "expires_at": NOW}

    def test_an_update_leaves_rows_alone_that_do_not_match(self, store: Store) -> None:
        row, other = _kept(store, key()), _kept(store, key())
        store.commit(Update("keys", (equal("id", row["id"]),), {"name": "new"}))
        assert found(store, "keys", other["id"]) == other

    def test_an_update_to_what_is_there_already_counts(self, store: Store) -> None:
        row = _kept(store, key())
        assert _counts(store.commit(Update("keys", (equal("id", row["id"]),), {"name": row["name"]}))) == [1]

    @pytest.mark.parametrize("several", [False, True])
    def test_an_update_or_delete_of_one_row_needs_exactly_one(self, store: Store, several: bool) -> None:
        rows = _pair(store)
        here = (equal("account_id", rows[0]["account_id"]),)
        nowhere = (equal("account_id", fresh()),)
        for where, count in ((nowhere, 0), (here, 2)):
            for change in (Update("keys", where, {"name": "new"}, several), Delete("keys", where, several)):
                if several:
                    assert _counts(store.commit(change)) == [count]
                else:
                    with pytest.raises(Conflict):
                        store.commit(change)
        left = [store.get("keys", "id", row["id"]) for row in rows]
        assert left == ([None, None] if several else rows)

    def test_an_update_takes_effect_only_where_its_conditions_hold(self, store: Store) -> None:
        row = _kept(store, key(version=3))
        with pytest.raises(Conflict):
            store.commit(Update("keys", (equal("id", row["id"]), equal("version", 2)), {"name": "stale"}))
        store.commit(Update("keys", (equal("id", row["id"]), above("version", 2)), {"name": "new"}))
        assert found(store, "keys", row["id"])["name"] == "new"

    def test_an_update_to_a_taken_unique_value_conflicts(self, store: Store) -> None:
        row, other = _pair(store)
        with pytest.raises(Conflict):
            store.commit(Update("keys", (equal("id", row["id"]),), {"digest": other["digest"]}))
        assert store.get("keys", "digest", other["digest"]) == other
        assert store.get("keys", "digest", row["digest"]) == row

    def test_an_updated_unique_value_is_found_and_the_old_one_is_free(self, store: Store) -> None:
        row, new = _kept(store, key()), key()["digest"]
        store.commit(Update("keys", (equal("id", row["id"]),), {"digest": new}))
        assert store.get("keys", "digest", row["digest"]) is None
        assert store.get("keys", "digest", new) == row | {"digest": new}
        assert _counts(store.commit(Insert("keys", key(digest=row["digest"])))) == [1]

    def test_a_deleted_row_is_gone_and_its_values_are_free(self, store: Store) -> None:
        row = _kept(store, key())
        store.commit(Delete("keys", (equal("id", row["id"]),)))
        assert store.get("keys", "id", row["id"]) is None
        assert store.get("keys", "digest", row["digest"]) is None
        assert _counts(store.commit(Insert("keys", row))) == [1]

    def test_add_counts_from_what_is_there_by_then(self, store: Store) -> None:
        row = _kept(store, key(version=7))
        _set(store, row, version=Add(5), expires_at=Add(1))
        _set(store, row, version=Add(-2))
        assert found(store, "keys", row["id"]) == row | {"version": 10}

    def test_greatest_never_goes_back(self, store: Store) -> None:
        for held, greatest in ((None, NOW), (NOW - 1, NOW), (NOW, NOW), (NOW + 1, NOW + 1)):
            row = _kept(store, key(last_used_at=held))
            _set(store, row, last_used_at=Greatest(NOW))
            assert found(store, "keys", row["id"]) == row | {"last_used_at": greatest}

    def test_several_rows_are_added_to_each_by_its_own(self, store: Store) -> None:
        one, two = _pair(store)
        _set(store, two, version=20)
        where = (equal("account_id", one["account_id"]),)
        store.commit(Update("keys", where, {"version": Add(1), "last_used_at": Greatest(NOW)}, several=True))
        versions = [found(store, "keys", row["id"])["version"] for row in (one, two)]
        assert versions == [2, 21]

    def test_changes_are_made_in_order(self, store: Store) -> None:
        row = account()
        here = (equal("id", row["id"]),)
        changes = (Insert("accounts", row), Update("accounts", here, {"suspended_at": NOW}), Delete("accounts", here))
        store.commit(*changes, Insert("accounts", row | {"suspended_reason": "again"}))
        assert found(store, "accounts", row["id"]) == row | {"suspended_reason": "again"}

    @pytest.mark.parametrize("place", [0, 1, 3])
    def test_all_of_it_or_nothing(self, store: Store, place: int) -> None:
        old, twins, new, gone = _kept(store, key()), _pair(store), key(), _kept(store, account())
        here = (equal("id", old["id"]),)
        changes: list[Change] = [Insert("keys", new), Update("keys", here, {"name": "new", "version": Add(1)})]
        changes.append(Delete("accounts", (equal("id", gone["id"]),)))
        for failing in _failing(twins):
            with pytest.raises(Conflict):
                store.commit(*changes[:place], failing, *changes[place:])
            assert store.get("keys", "id", new["id"]) is None
            assert found(store, "keys", old["id"]) == old
            assert found(store, "accounts", gone["id"]) == gone
            assert [found(store, "keys", row["id"]) for row in twins] == twins

    def test_after_a_conflict_the_store_goes_on(self, store: Store) -> None:
        row = _kept(store, key())
        for _ in range(40):
            with pytest.raises(Conflict):
                store.commit(Insert("keys", row))
        assert _counts(store.commit(Insert("keys", key()))) == [1]


def _failing(twins: list[dict[str, Any]]) -> list[Change]:
    """Changes that conflict: a taken id, a taken value, a row that is not there, and two where one is wanted."""
    nobody, both = (equal("id", fresh()),), (equal("account_id", twins[0]["account_id"]),)
    taken: list[Change] = [Insert("keys", key(id=twins[0]["id"])), Insert("keys", key(digest=twins[0]["digest"]))]
    named = {"name": "new"}
    return [*taken, Update("keys", nobody, named), Delete("keys", nobody), Update("keys", both, named)]


def _counts(answer: tuple[int, ...]) -> list[int]:
    """The counts, which are numbers: a bool would do as one in an ``if``."""
    assert [type(count) for count in answer] == [int] * len(answer)
    return list(answer)


def _kept(store: Store, row: dict[str, Any]) -> dict[str, Any]:
    store.commit(Insert("keys" if "digest" in row else "accounts", row))
    return row


def _pair(store: Store, **columns: Any) -> list[dict[str, Any]]:
    account_id = fresh("account")
    return [_kept(store, key(account_id=account_id, **columns)) for _ in range(2)]


def _set(store: Store, row: dict[str, Any], **columns: Any) -> None:
    store.commit(Update("keys", (equal("id", row["id"]),), columns))
