"""`Store.get`: one row by a unique value, exactly, with the rows that go along."""

from collections.abc import MutableMapping

from plexe_auth.rows import Insert, Update, equal
from plexe_auth.storage.key_tables import KEYS
from plexe_auth.storage.store import Store
from plexe_auth.testing.contract.opened import Opened
from plexe_auth.testing.contract.samples import NOW, account, fresh, key


class Reads(Opened):
    """What `get` answers."""

    def test_a_row_is_found_by_its_id_with_every_column_as_it_was_given(self, store: Store) -> None:
        row = key(expires_at=NOW, revoked_reason="", rate="1/minute")
        store.commit(Insert("keys", row))
        found = store.get("keys", "id", row["id"])
        assert found is not None
        assert dict(found) == row

    def test_the_values_of_a_row_are_plain(self, store: Store) -> None:
        row = key()
        store.commit(Insert("keys", row))
        found = store.get("keys", "id", row["id"]) or {}
        assert {name: type(value) for name, value in found.items()} == {name: type(row[name]) for name in KEYS.names}

    def test_a_row_is_found_by_a_unique_column(self, store: Store) -> None:
        row, other = key(), key()
        store.commit(Insert("keys", row), Insert("keys", other))
        assert store.get("keys", "digest", row["digest"]) == row

    def test_an_unknown_value_finds_nothing(self, store: Store) -> None:
        assert store.get("keys", "id", fresh()) is None
        assert store.get("keys", "digest", bytes(32)) is None

    def test_no_value_finds_nothing(self, store: Store) -> None:
        assert store.get("keys", "id") is None

    def test_of_several_values_the_first_that_is_there_counts(self, store: Store) -> None:
        first, second = key(), key()
        store.commit(Insert("keys", first), Insert("keys", second))
        one, two = first["digest"], second["digest"]
        assert store.get("keys", "digest", one, two) == first
        assert store.get("keys", "digest", two, one) == second
        assert store.get("keys", "digest", b"\1" * 32, two, two) == second

    def test_a_row_goes_along_under_the_name_of_its_reference(self, store: Store) -> None:
        theirs = account(suspended_at=NOW, suspended_reason="unpaid")
        row = key(account_id=theirs["id"])
        store.commit(Insert("accounts", theirs), Insert("keys", row))
        found = store.get("keys", "digest", row["digest"], along=("account",))
        assert found == row | {"account": theirs}

    def test_where_no_row_goes_along_there_is_none(self, store: Store) -> None:
        row = key()
        store.commit(Insert("keys", row))
        assert store.get("keys", "id", row["id"], along=("account",)) == row | {"account": None}

    def test_a_row_of_another_goes_along_with_no_one_else(self, store: Store) -> None:
        row, other = key(), account()
        store.commit(Insert("keys", row), Insert("accounts", other))
        found = store.get("keys", "id", fresh(), row["id"], along=("account",)) or {}
        assert found["account"] is None

    def test_a_read_sees_the_commit_before_it(self, store: Store) -> None:
        row = key()
        store.commit(Insert("keys", row))
        for version in range(2, 12):
            store.commit(Update("keys", (equal("id", row["id"]),), {"version": version}))
            assert store.get("keys", "id", row["id"]) == row | {"version": version}

    def test_a_row_that_was_handed_in_or_out_is_the_callers_own(self, store: Store) -> None:
        row = key()
        store.commit(Insert("keys", row))
        row["name"] = "changed"
        found = store.get("keys", "id", row["id"])
        if isinstance(found, MutableMapping):
            found["name"] = "changed"
        assert (store.get("keys", "id", row["id"]) or {})["name"] == "a key"

    def test_closing_twice_is_no_error(self, store: Store) -> None:
        store.close()
        store.close()
