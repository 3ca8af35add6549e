"""A list is gathered from pages, as far as was asked for."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from plexe_auth.cli.answer import Answer
from plexe_auth.service.page import Page

T = TypeVar("T")
Body = Callable[..., Any]


def listing(default: int) -> Callable[[Body], Body]:
    """Give a command the options that say how much of a list is wanted."""

    def give(body: Body) -> Body:
        for option in (
            click.option("--all", "everything", is_flag=True, help="All there is."),
            click.option("--after", metavar="CURSOR", help="Go on where an earlier list ended."),
            click.option(
                "--limit", type=click.IntRange(1), default=default, show_default=True, help="At most so many."
            ),
        ):
            body = option(body)
        return body

    return give


def gathered(
    page: Callable[[str | None, int], Page[T]], most: int, limit: int, after: str | None, everything: bool
) -> Page[T]:
    """Return as many items as were asked for, and the cursor to those after them.

    Args:
        page: gives a page from a cursor.
        most: how many items it gives at once.
        limit: how many are wanted.
        after: where to begin.
        everything: all are wanted, whatever `limit` says.
    """
    items: list[T] = []
    while True:
        found = page(after, most if everything else min(most, limit - len(items)))
        items += found.items
        after = found.next
        if after is None or (len(items) >= limit and not everything):
            return Page(tuple(items), after)


def remark_on_more(answer: Answer, found: Page[T], what: str) -> None:
    """Say to people what a list that was cut, or is empty, does not show."""
    if found.next is not None:
        answer.remark(f"There are more {what}: --after {found.next}, or --all.")
    elif not found.items:
        answer.remark(f"No {what}.")
