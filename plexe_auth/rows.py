"""What a store keeps and how it is asked: rows of plain values, conditions on them, changes to them.

Nothing here knows what a row means, and nothing here touches a database. A value is a text, bytes, an integer (instants
are microseconds since 1970 in UTC) or nothing. No text holds NUL or a lone surrogate, and no integer more than 64 bits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Value = str | bytes | int | None
Row = Mapping[str, Any]


class Compare(NamedTuple):
    """One column against one value. ``= None`` finds an absent value, ``!= None`` a present one; ``<=`` and ``>`` never
    match an absent one."""

    column: str
    sign: Literal["=", "!=", "<=", ">"]
    value: Value


class AnyOf(NamedTuple):
    """At least one of several comparisons holds."""

    choices: tuple[Compare, ...]


Condition = Compare | AnyOf


def equal(column: str, value: Value) -> Compare:
    """Match rows whose column holds exactly `value`, byte for byte; ``None`` matches rows that hold nothing there."""
    return Compare(column, "=", value)


def present(column: str) -> Compare:
    """Match rows that hold anything in that column."""
    return Compare(column, "!=", None)


def at_most(column: str, value: int) -> Compare:
    """Match rows whose column holds `value` or less."""
    return Compare(column, "<=", value)


def above(column: str, value: int) -> Compare:
    """Match rows whose column holds more than `value`."""
    return Compare(column, ">", value)


def unset_or_above(column: str, value: int) -> AnyOf:
    """Match rows whose column holds nothing or more than `value`: an end that has not come yet at that instant."""
    return AnyOf((equal(column, None), above(column, value)))


class Add(NamedTuple):
    """In an `Update`: the column's own value plus `amount`, whatever it is by then; an absent value stays absent."""

    amount: int


class Greatest(NamedTuple):
    """In an `Update`: the greater of the column's own value and `value`; an absent value counts as smaller."""

    value: int


class Insert(NamedTuple):
    """Add a row, which names every column. A taken id or unique value is a `plexe_auth.Conflict`."""

    table: str
    row: Row


class Ensure(NamedTuple):
    """Add a row unless its id is already there, which is then left as it is. Its id alone is unique in that table."""

    table: str
    row: Row


class Update(NamedTuple):
    """Set columns of the rows that match. Unless `several`, exactly one row must match, else `plexe_auth.Conflict`."""

    table: str
    where: tuple[Condition, ...]
    set: Mapping[str, Value | Add | Greatest]
    several: bool = False


class Delete(NamedTuple):
    """Remove the rows that match. Unless `several`, exactly one row must match, else `plexe_auth.Conflict`."""

    table: str
    where: tuple[Condition, ...]
    several: bool = False


Change = Insert | Ensure | Update | Delete


class Query(NamedTuple):
    """A page of rows, greatest first by `order`: columns that together are unique and never absent.

    Integers are in the order of numbers, texts and bytes in that of their bytes in UTF-8.

    Attributes:
        where: conditions that all hold.
        after: the values of `order` in the last row of the page before, or ``None`` for the first page.
        limit: the greatest number of rows.
    """

    table: str
    where: tuple[Condition, ...]
    order: tuple[str, ...]
    after: tuple[str | int, ...] | None = None
    limit: int = 50


class Sums(NamedTuple):
    """All rows that match, added up: one row for each value of `by`, and for each span where spans are told apart.

    Attributes:
        where: conditions that all hold.
        by: the column whose values are told apart; the row holds it.
        of: columns of integers that are never absent; the row holds their sums.
        per: a column of instants, and how long spans of it are, in microseconds; under the column's name the row holds
            when its span begins, a multiple of that. ``None`` tells none apart.
        along: a reference of the table, which `by` decides, and a column of the row that goes with it; under the name
            of the reference the row holds what stands there, or ``None``.
    """

    table: str
    where: tuple[Condition, ...]
    by: str
    of: tuple[str, ...]
    per: tuple[str, int] | None = None
    along: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What a budget looks like after one more was counted.

    Attributes:
        count: how much was spent in this window, this one included, and never more than the limit plus one.
        resets_at: when the window ends, in microseconds since 1970.
    """

    count: int
    resets_at: int
