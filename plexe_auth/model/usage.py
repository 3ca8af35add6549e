"""Usage is counted per key and hour, and added up to what was asked for; pure arithmetic on instants."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, Literal

from plexe_auth.model.instant import from_microseconds
from plexe_auth.rows import Row

By = Literal["key", "hour", "day"]

HOUR = 3_600_000_000
STEPS = {"hour": HOUR, "day": 24 * HOUR}
BY: tuple[By, ...] = ("key", "hour", "day")


@dataclass(frozen=True, slots=True)
class UsageTotal:
    """How often a key was verified in a span of time.

    Attributes:
        key_id: the key.
        start: when the span begins.
        allowed: how many verifications let it in.
        denied: how many refused it.
        key_name: what the key is called by now; ``None`` where there is no such key any more.
    """

    key_id: str
    start: datetime
    allowed: int
    denied: int
    key_name: str | None = None


def hour_of(at: int) -> int:
    """Return the instant at which the hour of `at` begins, both in microseconds since 1970 (UTC)."""
    return at - at % HOUR


def usage_id(key_id: str, hour: int) -> str:
    """Return the id of the row that counts a key in an hour."""
    return f"{key_id}.{hour // HOUR}"


def added_up(rows: Iterable[Row], by: By) -> Iterable[Row]:
    """Add up rows of hours by what was asked for, as a store that adds up gives them."""
    step = STEPS.get(by)
    sums: dict[tuple[int, str], dict[str, Any]] = {}
    for row in rows:
        start = 0 if step is None else row["hour"] - row["hour"] % step
        nothing = {"key_id": row["key_id"], "hour": start, "allowed": 0, "denied": 0, "key": row["key"]}
        total = sums.setdefault((start, row["key_id"]), nothing)
        total["allowed"] += row["allowed"]
        total["denied"] += row["denied"]
    return sums.values()


def totals(rows: Iterable[Row], since: datetime, by: By) -> list[UsageTotal]:
    """Return rows that are added up in the order of time and then of keys; by the key alone, they begin at `since`."""
    if by == "key":
        return [_total(row, since) for row in sorted(rows, key=itemgetter("key_id"))]
    instant = functools.cache(from_microseconds)
    return [_total(row, instant(row["hour"])) for row in sorted(rows, key=itemgetter("hour", "key_id"))]


def _total(row: Row, start: datetime) -> UsageTotal:
    return UsageTotal(row["key_id"], start, row["allowed"], row["denied"], row["key"])
