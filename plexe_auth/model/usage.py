"""Usage is counted per key and hour, and added up to what was asked for; pure arithmetic on instants."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from plexe_auth.model.instant import from_microseconds, to_microseconds
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


def totals(rows: Iterable[Row], since: datetime, by: By) -> list[UsageTotal]:
    """Add up rows of hours or of more by what was asked for, in the order of time and then of keys."""
    step = STEPS.get(by)
    first = to_microseconds(since)
    sums: dict[tuple[int, str], list[Any]] = {}
    for row in rows:
        start = first if step is None else row["hour"] - row["hour"] % step
        total = sums.setdefault((start, row["key_id"]), [0, 0, row["key"]])
        total[0] += row["allowed"]
        total[1] += row["denied"]
    starts = {start: from_microseconds(start) for start in {start for start, _key_id in sums}}
    return [UsageTotal(key_id, starts[start], *total) for (start, key_id), total in sorted(sums.items())]
