"""Whatever is asked for together is found exactly, newest first, in pages that fit together, on every store."""

from datetime import timedelta
from itertools import chain, count, product
from typing import Any

from plexe_auth.model.entry import line
from tests.conftest import Clock
from tests.log.lines import AT
from tests.log.test_log import write

ACTIONS = ("key.verify", "session.verify", "key.revoke", "session.sign_in")
OUTCOMES = ("allowed", "denied")
ASKED: dict[str, tuple[str | None, ...]] = {
    "account_id": (None, "acct", "other"),
    "key_id": (None, "key_one"),
    "user_id": (None, "user_one"),
    "action": (None, *ACTIONS),
    "outcome": (None, *OUTCOMES),
}
SECOND = 1_000_000


def told() -> list[str]:
    """Return lines of every action, outcome and owner; several of one instant, and some that share no owner."""
    owners = product(("acct", "other"), ("key_one", "key_two", None), ("user_one", None))
    number = count()
    return [
        line(AT + next(number) // 5 * SECOND, action, outcome, None, account, key, user)
        for (account, key, user), action, outcome in product(owners, ACTIONS, OUTCOMES)
    ]


def paged(auth: Any, limit: int, **asked: Any) -> list[str]:
    """Return the ids of all pages together."""
    page, ids = auth.log.page(limit=limit, **asked), list[str]()
    while True:
        assert len(page.items) <= limit
        ids += [entry.id for entry in page.items]
        if page.next is None:
            return ids
        page = auth.log.page(limit=limit, after=page.next, **asked)


def test_H14_a_filter_finds_exactly_what_it_says_in_pages_that_fit_together(auth: Any, clock: Clock) -> None:
    write(auth, *told())
    entries = auth.log.page(limit=1000).items
    assert len(entries) == len(told())
    spans: list[dict[str, Any]] = [
        {},
        {"since": clock.now + timedelta(seconds=4), "until": clock.now + timedelta(seconds=13)},
    ]
    for values, span in product(product(*ASKED.values()), spans):
        asked = {name: value for name, value in zip(ASKED, values, strict=True) if value is not None}
        expected = [
            entry.id
            for entry in entries
            if all(getattr(entry, name) == value for name, value in asked.items())
            and (not span or span["since"] <= entry.at < span["until"])
        ]
        assert paged(auth, 1000, **asked, **span) == expected, (asked, span)
        assert paged(auth, 7, **asked, **span) == expected, (asked, span)


def test_pages_of_an_account_are_in_the_order_of_all_entries(auth: Any) -> None:
    write(auth, *told())
    both = [auth.log.page(account_id=account, limit=1000).items for account in ("acct", "other")]
    together = sorted(chain.from_iterable(both), key=lambda entry: entry.at, reverse=True)
    assert [entry.at for entry in together] == [entry.at for entry in auth.log.page(limit=1000).items]
    assert all(list(page) == sorted(page, key=lambda entry: entry.at, reverse=True) for page in both)
