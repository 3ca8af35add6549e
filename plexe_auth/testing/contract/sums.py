"""``sums``, which a store may offer: what it adds up is what its rows add up to."""

from typing import Any

import pytest

from plexe_auth.rows import Condition, Insert, Row, Sums, above, at_most, equal
from plexe_auth.storage.store import Store
from plexe_auth.testing.contract.opened import Opened
from plexe_auth.testing.contract.samples import fresh, key

HOUR = 3_600_000_000
DAY = 24 * HOUR
SOME_DAY = 20_000 * DAY
COUNTS = ("allowed", "denied")


class Adding(Opened):
    """What `sums` answers, where there is one; a store without it holds this by offering nothing."""

    @pytest.mark.parametrize("per", [None, HOUR, DAY])
    def test_sums_are_told_apart_by_a_column_and_by_spans(self, store: Store, per: int | None) -> None:
        account = fresh("account")
        # Keys that differ in case, in an accent and in a space at their end; at both ends of days.
        rows = [
            _row(account, name, SOME_DAY + hour * HOUR, allowed, denied)
            for name in ("a", "A", "é", "e", "e ")
            for hour, allowed, denied in ((0, 1, 0), (1, 2, 5), (23, 4, 0), (24, 8, 1), (47, 16, 0))
        ]
        told = _told(store, rows, _asked(account, per))
        assert told in (None, _added(rows, per))

    def test_sums_are_of_rows_that_match_and_of_no_others(self, store: Store) -> None:
        account = fresh("account")
        rows = [_row(account, "a", SOME_DAY + hour * HOUR, 1 << hour, 0) for hour in range(5)]
        others = [_row(fresh("account"), "a", SOME_DAY, 99, 99)]
        between = (above("hour", SOME_DAY), at_most("hour", SOME_DAY + 3 * HOUR))
        told = _told(store, rows + others, _asked(account, None, *between))
        assert told in (None, {("a", None): (0b1110, 0, None)})
        assert _told(store, [], _asked(fresh("account"), DAY)) in (None, {})

    def test_sums_of_great_numbers_are_exact_integers(self, store: Store) -> None:
        account, most = fresh("account"), (1 << 62) - 1
        rows = [_row(account, "a", SOME_DAY, most, 1), _row(account, "a", SOME_DAY + HOUR, most, 2)]
        told = _told(store, rows, _asked(account, None))
        assert told in (None, {("a", None): (2 * most, 3, None)})
        assert told is None or all(type(one) is int for one in told["a", None][:2])

    def test_what_is_read_along_is_there_or_nothing(self, store: Store) -> None:
        account, there = fresh("account"), key(name="nächtlich")
        store.commit(Insert("keys", there))
        rows = [_row(account, there["id"], SOME_DAY + hour * HOUR, 1, 0) for hour in (0, 1)]
        rows.append(_row(account, "nobody's", SOME_DAY, 1, 0))
        told = _told(store, rows, _asked(account, DAY, along=("key", "name")))
        named = {(there["id"], SOME_DAY): (2, 0, "nächtlich"), ("nobody's", SOME_DAY): (1, 0, None)}
        assert told in (None, named)


def _row(account: str, key_id: str, hour: int, allowed: int, denied: int) -> dict[str, Any]:
    counted = {"hour": hour, "allowed": allowed, "denied": denied}
    return {"id": fresh("use"), "account_id": account, "key_id": key_id, **counted}


def _asked(account: str, per: int | None, *where: Condition, along: tuple[str, str] | None = None) -> Sums:
    spans = None if per is None else ("hour", per)
    return Sums("usage", (equal("account_id", account), *where), "key_id", COUNTS, spans, along)


def _told(store: Store, rows: list[dict[str, Any]], asked: Sums) -> dict[tuple[str, int | None], Any] | None:
    """Return what the store says of each key and span, ``None`` where it says nothing of the kind."""
    store.commit(*(Insert("usage", row) for row in rows))
    sums = getattr(store, "sums", None)
    if sums is None:
        return None
    found: list[Row] = list(sums(asked))
    told = {(row["key_id"], row.get("hour")): (row["allowed"], row["denied"], row.get("key")) for row in found}
    assert len(told) == len(found), "a sum was told twice"
    return told


def _added(rows: list[dict[str, Any]], per: int | None) -> dict[tuple[str, int | None], Any]:
    sums: dict[tuple[str, int | None], Any] = {}
    for row in rows:
        place = (row["key_id"], None if per is None else row["hour"] - row["hour"] % per)
        allowed, denied, _name = sums.get(place, (0, 0, None))
        sums[place] = (allowed + row["allowed"], denied + row["denied"], None)
    return sums
