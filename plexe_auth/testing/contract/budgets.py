"""`Store.spend`: one more, counted in one step, within a window that begins with the first."""

from plexe_auth.rows import Spent
from plexe_auth.storage.store import Store
from plexe_auth.testing.contract.opened import Opened
from plexe_auth.testing.contract.samples import NOW, SECOND, fresh


class Budgets(Opened):
    """What `spend` counts."""

    def test_the_first_one_starts_the_window(self, store: Store) -> None:
        bucket = fresh("bucket")
        assert store.spend(bucket, 5, 60 * SECOND, NOW) == Spent(1, NOW + 60 * SECOND)
        assert store.spend(bucket, 5, 60 * SECOND, NOW + SECOND) == Spent(2, NOW + 60 * SECOND)

    def test_the_count_stops_one_above_the_limit(self, store: Store) -> None:
        bucket = fresh("bucket")
        assert [store.spend(bucket, 2, SECOND, NOW).count for _ in range(5)] == [1, 2, 3, 3, 3]

    def test_a_limit_of_nothing_is_exceeded_by_the_first_one(self, store: Store) -> None:
        bucket = fresh("bucket")
        assert [store.spend(bucket, 0, SECOND, NOW).count for _ in range(2)] == [1, 1]

    def test_the_window_ends_at_its_end_and_not_before(self, store: Store) -> None:
        bucket = fresh("bucket")
        store.spend(bucket, 5, SECOND, NOW)
        assert store.spend(bucket, 5, SECOND, NOW + SECOND - 1) == Spent(2, NOW + SECOND)
        assert store.spend(bucket, 5, SECOND, NOW + SECOND) == Spent(1, NOW + 2 * SECOND)

    def test_a_full_budget_is_empty_again_in_the_next_window(self, store: Store) -> None:
        bucket = fresh("bucket")
        for _ in range(4):
            store.spend(bucket, 1, SECOND, NOW)
        assert store.spend(bucket, 1, SECOND, NOW + SECOND) == Spent(1, NOW + 2 * SECOND)

    def test_a_lower_limit_forgets_nothing_of_what_was_spent(self, store: Store) -> None:
        bucket = fresh("bucket")
        for _ in range(4):
            store.spend(bucket, 10, SECOND, NOW)
        assert store.spend(bucket, 1, SECOND, NOW).count == 2
        assert store.spend(bucket, 10, SECOND, NOW).count == 5

    def test_budgets_do_not_share(self, store: Store) -> None:
        one, other = fresh("bucket"), fresh("bucket")
        store.spend(one, 5, SECOND, NOW)
        names = (other, one, one.upper(), one + " ")
        assert [store.spend(name, 5, SECOND, NOW).count for name in names] == [1, 2, 1, 1]
