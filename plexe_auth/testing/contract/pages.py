"""`Store.page`: the rows that match, greatest first, a page at a time."""

from typing import Any

import pytest

from plexe_auth.rows import AnyOf, Compare, Condition, Insert, Query, above, at_most, equal, present, unset_or_above
from plexe_auth.storage.store import Store
from plexe_auth.testing.contract.opened import Opened
from plexe_auth.testing.contract.samples import NOW, fresh, key

ORDER = ("created_at", "id")
ENDS = (None, NOW - 1, NOW, NOW + 1)

CONDITIONS: dict[str, tuple[Condition, list[int | None]]] = {
    "equal": (equal("expires_at", NOW), [NOW]),
    "equal to nothing": (equal("expires_at", None), [None]),
    "present": (present("expires_at"), [NOW - 1, NOW, NOW + 1]),
    "different, and nothing is different too": (Compare("expires_at", "!=", NOW), [None, NOW - 1, NOW + 1]),
    "at most, and never nothing": (at_most("expires_at", NOW), [NOW - 1, NOW]),
    "above, and never nothing": (above("expires_at", NOW), [NOW + 1]),
    "unset or above": (unset_or_above("expires_at", NOW), [None, NOW + 1]),
    "any of one": (AnyOf((equal("expires_at", NOW),)), [NOW]),
    "any of several": (AnyOf((equal("expires_at", NOW), at_most("expires_at", NOW - 1))), [NOW - 1, NOW]),
    "any of several values": (AnyOf((equal("expires_at", NOW), equal("expires_at", NOW - 1))), [NOW - 1, NOW]),
    "any of a value and itself": (AnyOf((equal("expires_at", NOW), equal("expires_at", NOW))), [NOW]),
    "any of a value and nothing": (AnyOf((equal("expires_at", NOW), equal("expires_at", None))), [None, NOW]),
}


class Pages(Opened):
    """What `page` answers."""

    def test_the_greatest_come_first_and_ties_go_by_the_next_column(self, store: Store) -> None:
        ids = [fresh() for _ in range(4)]
        rows = _keys(store, *zip(ids, (NOW, NOW + 1, NOW, NOW - 1), strict=True))
        wanted = sorted(rows, key=lambda row: (row["created_at"], row["id"]), reverse=True)
        assert _page(store, rows) == wanted

    def test_texts_are_in_the_order_of_their_bytes(self, store: Store) -> None:
        ends = ("", " ", "A", "Z", "a", "b", "e\u0301", "z", "é", "ﬀ", "😀")
        stem = fresh()
        rows = _keys(store, *((stem + end, NOW) for end in ends))
        assert [row["id"] for row in _page(store, rows, order=("id",))] == [stem + end for end in reversed(ends)]

    def test_no_more_rows_than_the_limit(self, store: Store) -> None:
        rows = _keys(store, *((fresh(), NOW + place) for place in range(3)))
        assert [len(_page(store, rows, limit=limit)) for limit in (1, 2, 3, 4)] == [1, 2, 3, 3]

    @pytest.mark.parametrize("order", [ORDER, ("id",)])
    def test_pages_one_after_another_hold_every_row_once(self, store: Store, order: tuple[str, ...]) -> None:
        rows = _keys(store, *((fresh(), NOW + place // 3) for place in range(7)))
        whole = _page(store, rows, order=order)
        assert len(whole) == 7
        for limit in (1, 2, 3, 7):
            pages = [_page(store, rows, order=order, limit=limit)]
            while pages[-1] and len(pages) <= len(whole):  # a page of a broken store may never be the last
                after = tuple(pages[-1][-1][column] for column in order)
                pages.append(_page(store, rows, order=order, after=after, limit=limit))
            assert [row for page in pages for row in page] == whole

    def test_pages_of_several_values_are_in_the_order_of_all_rows(self, store: Store) -> None:
        account_id, names = fresh("account"), ("a", "b", "c")
        rows = [key(account_id=account_id, created_at=NOW + n // 2, name=names[n % 3]) for n in range(6)]
        store.commit(*(Insert("keys", row) for row in rows))
        account = equal("account_id", account_id)
        wanted = (account, AnyOf(tuple(equal("name", name) for name in (*names, "another"))))
        whole = store.page(Query("keys", (account,), ORDER, None, 50))
        assert len(whole) == len(rows)
        assert list(store.page(Query("keys", wanted, ORDER, None, 50))) == list(whole)
        first = store.page(Query("keys", wanted, ORDER, None, 4))
        rest = store.page(Query("keys", wanted, ORDER, (first[-1]["created_at"], first[-1]["id"]), 4))
        assert [*first, *rest] == list(whole)

    def test_a_row_that_came_meanwhile_moves_no_page(self, store: Store) -> None:
        rows = _keys(store, *((fresh(), NOW + place) for place in range(3)))
        first = _page(store, rows, limit=2)
        store.commit(Insert("keys", key(account_id=rows[0]["account_id"], created_at=NOW + 9)))
        assert _page(store, rows, after=(first[-1]["created_at"], first[-1]["id"])) == [rows[0]]

    def test_after_the_last_row_there_is_nothing(self, store: Store) -> None:
        rows = _keys(store, (fresh(), NOW))
        assert _page(store, rows, after=(NOW, rows[0]["id"])) == []

    def test_a_condition_matches_what_it_says(self, store: Store) -> None:
        account_id = fresh()
        store.commit(*(Insert("keys", key(account_id=account_id, expires_at=end)) for end in ENDS))
        found: dict[str, list[int | None]] = {}
        for name, (condition, _ends) in CONDITIONS.items():
            page = store.page(Query("keys", (equal("account_id", account_id), condition), ORDER))
            found[name] = sorted((row["expires_at"] for row in page), key=lambda end: end or 0)
        assert found == {name: ends for name, (_condition, ends) in CONDITIONS.items()}

    def test_all_conditions_must_hold(self, store: Store) -> None:
        account_id = fresh()
        both = key(account_id=account_id, expires_at=NOW, disabled_at=NOW)
        store.commit(Insert("keys", both), Insert("keys", key(account_id=account_id, expires_at=NOW)))
        where = (equal("account_id", account_id), equal("expires_at", NOW), present("disabled_at"))
        assert [dict(row) for row in store.page(Query("keys", where, ORDER))] == [both]


def _keys(store: Store, *born: tuple[str, int]) -> list[dict[str, Any]]:
    """Have one account's keys with these ids, made at these instants."""
    account_id = fresh("account")
    rows = [key(id=row_id, account_id=account_id, created_at=instant) for row_id, instant in born]
    store.commit(*(Insert("keys", row) for row in rows))
    return rows


def _page(
    store: Store, rows: list[dict[str, Any]], order: tuple[str, ...] = ORDER, after: Any = None, limit: int = 50
) -> list[dict[str, Any]]:
    where = (equal("account_id", rows[0]["account_id"]),)
    return [dict(row) for row in store.page(Query("keys", where, order, after, limit))]
