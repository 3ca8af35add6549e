"""The contract can fail: each store that is broken in a known way is refused by a test of that very sentence."""

import textwrap
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

# Which test must refuse it: others may too.
REFUSED = {
    "CheckThenWrite": "test_one_of_many_redeems_a_code_by_marking_it",
    "WholeRow": "test_K07_a_key_that_is_used_while_it_is_revoked_stays_revoked",
    "OneByOne": "test_all_of_it_or_nothing",
    "Truthful": "test_each_change_says_how_many_rows_it_met",
    "Folding": "test_H10_texts_that_look_alike_are_different_ids",
    "Unordered": "test_the_greatest_come_first_and_ties_go_by_the_next_column",
    "Offset": "test_pages_one_after_another_hold_every_row_once",
    "Upserting": "test_an_insert_on_a_taken_id_conflicts_and_leaves_what_is_there",
    "Trimming": "test_H10_texts_that_look_alike_are_filtered_apart",
    "Rounding": "test_integers_keep_all_their_64_bits",
    "Lending": "test_a_row_that_was_handed_in_or_out_is_the_callers_own",
    "Overdrawn": "test_a_budget_counts_every_one_exactly_once",
    "Sliding": "test_the_first_one_starts_the_window",
    "Behind": "test_a_read_sees_the_commit_before_it",
    "Absent": "test_a_condition_matches_what_it_says",
    "CloseOnce": "test_closing_twice_is_no_error",
}


@pytest.fixture
def contract(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.syspath_prepend(Path(__file__).parent)
    classes = "\n".join(
        f"class Test{name}(StoreContract):\n    def open_store(self): return broken.{name}()" for name in REFUSED
    )
    pytester.makepyfile(f"import broken\nfrom plexe_auth.testing import StoreContract\n\n{classes}")
    return pytester


def test_each_broken_store_is_refused(contract: pytest.Pytester) -> None:
    file = "test_each_broken_store_is_refused.py"
    tests = {name: f"{file}::Test{name}::{test}" for name, test in REFUSED.items()}
    told = contract.runpytest_inprocess(*tests.values(), "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no")
    failed = {line.split(" ")[1].partition("[")[0] for line in told.outlines if line.startswith("FAILED")}
    assert [name for name, test in tests.items() if test not in failed] == []


def test_a_store_that_cannot_be_opened_says_what_is_missing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        textwrap.dedent("""
        from plexe_auth.testing import StoreContract
        class TestNothing(StoreContract): ...
        """)
    )
    told = pytester.runpytest_inprocess("-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist")
    told.stdout.fnmatch_lines(["*NotImplementedError: open_store must return the store to test*"])
