"""An account's keys come newest first, page by page, and no insert makes one be shown twice or left out."""

from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import InvalidRequest
from plexe_auth.service import key_rows
from tests.conftest import Clock
from tests.keys.watch import Watch


def made(auth: Any, count: int, account: str = "acct") -> list[Any]:
    """Keys, oldest first."""
    return [auth.keys.create(account, name=str(number)).key for number in range(count)]


def walked(auth: Any, **asked: Any) -> list[Any]:
    """All items, by following `next` to the end."""
    items: list[Any] = []
    page = auth.keys.page("acct", **asked)
    while page.next is not None:
        items += page
        page = auth.keys.page("acct", after=page.next, **asked)
    return [*items, *page]


def test_keys_come_newest_first_whatever_the_clock_says(auth: Any, clock: Clock) -> None:
    keys = made(auth, 3)
    clock.advance(timedelta(microseconds=1))
    keys += made(auth, 3)
    assert list(auth.keys.page("acct")) == keys[::-1]


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 7, 200])
def test_pages_of_any_size_make_up_the_whole(quick: Any, limit: int) -> None:
    keys = made(quick, 6)
    assert walked(quick, limit=limit) == keys[::-1]
    assert len(quick.keys.page("acct", limit=limit).items) == min(limit, 6)


def test_a_last_page_has_no_next_even_when_it_is_full(quick: Any) -> None:
    made(quick, 4)
    first = quick.keys.page("acct", limit=2)
    assert first.next is not None
    assert quick.keys.page("acct", after=first.next, limit=2).next is None


def test_inserts_and_changes_between_pages_move_nothing(auth: Any, clock: Clock) -> None:
    keys = made(auth, 5)
    first = auth.keys.page("acct", limit=2)
    clock.advance(timedelta(seconds=1))
    made(auth, 2)
    auth.keys.revoke(keys[0].id)
    second = auth.keys.page("acct", after=first.next, limit=2)
    made(auth, 1)
    third = auth.keys.page("acct", after=second.next, limit=2)
    assert [key.id for key in (*first, *second, *third)] == [key.id for key in keys[::-1]]


def test_an_account_sees_its_own_keys_alone(auth: Any) -> None:
    mine = made(auth, 2)
    for other in ("Acct", "acct ", "acc", "acct2", "áсct"):
        made(auth, 1, other)
    assert list(auth.keys.page("acct")) == mine[::-1]
    assert list(auth.keys.page("nobody")) == []


def test_a_status_filters_by_the_rule_of_the_key_itself(auth: Any, clock: Clock) -> None:
    hour = timedelta(hours=1)
    active, revoked, disabled, both, rotated, retired = (key.id for key in made(auth, 6))
    ended = auth.keys.create("acct", name="ended", expires_in=hour).key.id
    ended_and_disabled = auth.keys.create("acct", name="ended", expires_in=hour).key.id
    for key_id in (disabled, both, ended_and_disabled):
        auth.keys.disable(key_id)
    for key_id in (revoked, both):
        auth.keys.revoke(key_id)
    heirs = [auth.keys.rotate(rotated, overlap=2 * hour).key.id, auth.keys.rotate(retired, overlap=hour).key.id]
    clock.advance(hour)
    found = {status: {key.id for key in walked(auth, status=status, limit=2)} for status in STATUSES}
    assert found == {
        "active": {active, rotated, *heirs},
        "revoked": {revoked, both, retired},
        "disabled": {disabled, ended_and_disabled},
        "expired": {ended},
    }
    for key in auth.keys.page("acct"):
        assert key.id in found[key.status(clock.now)]


STATUSES = ("active", "revoked", "disabled", "expired")


@pytest.mark.parametrize("further", [1, 3, 8, 100])
@pytest.mark.parametrize("limit", [1, 2, 7])
def test_pages_of_a_state_look_at_so_many_keys_and_leave_none_out(
    quick: Any, monkeypatch: pytest.MonkeyPatch, limit: int, further: int
) -> None:
    monkeypatch.setattr(key_rows, "_LOOKED_AT", further)
    keys = made(quick, 40)
    revoked = [one.id for number, one in enumerate(keys) if number in (0, 3, 4, 5, 38)]
    for one in revoked:
        quick.keys.revoke(one)
    watched = Watch(quick)
    assert [one.id for one in walked(quick, status="revoked", limit=limit)] == revoked[::-1]
    looked_at = [one.values[0].limit for one in watched.asked if one.verb == "page"]
    assert set(looked_at) == {further + 1}
    watched.asked.clear()
    quick.keys.page("acct", status="expired", limit=limit)
    assert watched.count("page") == 1


@pytest.mark.parametrize("limit", [0, -1, 201, 10**30, True, 2.0, float("nan"), "2", None, [1]])
def test_a_limit_is_a_number_from_1_to_200(quick: Any, limit: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        quick.keys.page("acct", limit=limit)
    assert caught.value.field == "limit"


@pytest.mark.parametrize("status", ["", "Active", "dead", 1, True, [], {}, b"active"])
def test_a_status_is_one_of_four(quick: Any, status: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        quick.keys.page("acct", status=status)
    assert caught.value.field == "status"


KEY = "key_" + "0" * 22


@pytest.mark.parametrize(
    "after",
    [
        *(
            "",
            ".",
            "1",
            "1.",
            f".{KEY}",
            f"x.{KEY}",
            f"1.{KEY}\n",
            f"1.{KEY}0",
            f"1.{KEY[:-1]}",
            f"1..{KEY}",
            f"--1.{KEY}",
        ),
        *(
            f"{10**18}.{KEY}",
            f"１.{KEY}",
            f"1.5.{KEY}",
            f"1 .{KEY}",
            f"1.{KEY[:-1]}\0",
            f"1.{KEY[:-1]}\ud800",
            "9" * 10_000,
        ),
        *(0, 1.5, True, b"1.k", [], (1, KEY), object()),
    ],
)
def test_a_cursor_that_no_page_gave_is_an_invalid_request(quick: Any, after: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        quick.keys.page("acct", after=after)
    assert caught.value.field == "after"


def test_a_cursor_to_nowhere_is_just_a_place(auth: Any) -> None:
    keys = made(auth, 2)
    assert list(auth.keys.page("acct", after=f"{10**18 - 1}.{KEY}")) == keys[::-1]
    assert list(auth.keys.page("acct", after=f"-{10**17}.{KEY}")) == []


def test_another_accounts_cursor_shows_nothing_of_it(quick: Any) -> None:
    made(quick, 3, "other")
    mine = made(quick, 1)
    cursor = quick.keys.page("other", limit=1).next
    assert [key.account_id for key in quick.keys.page("acct", after=cursor)] in ([], [mine[0].account_id])
