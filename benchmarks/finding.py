"""What a benchmark found: timings, sheets, and ratios that may have a goal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.interleaving import Timing


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as much one thing is as another, and how much that may be, or has to be.

    Attributes:
        name: what is compared.
        value: what was measured.
        goal: its bound, where there is one.
        at_least: the bound is the least it has to be, not the most.
        floor: what it would be for the least that does the same, measured beside it.
    """

    name: str
    value: float
    goal: float | None = None
    at_least: bool = False
    floor: float | None = None

    @property
    def verdict(self) -> str:
        """``met``, ``MISSED``, who misses it besides, or nothing where there is no goal."""
        if self.goal is None:
            return ""
        if not self.is_missed:
            return "met"
        return "MISSED, by the floor too" if (self.floors_burden or 0) > 1 else "MISSED"

    @property
    def is_missed(self) -> bool:
        """Whether there is a goal and it takes more than is allowed."""
        return self.goal is not None and self.burden > 1

    @property
    def burden(self) -> float:
        """How much of what is allowed it takes: over 1 is too much."""
        return self._burden(self.value)

    @property
    def floors_burden(self) -> float | None:
        """How much of it the floor takes, where there is one."""
        return None if self.floor is None else self._burden(self.floor)

    def _burden(self, value: float) -> float:
        goal = self.goal or 1.0
        return goal / value if self.at_least else value / goal

    @property
    def bound(self) -> str:
        """The goal as it is read."""
        if self.goal is None:
            return ""
        return f"{'≥' if self.at_least else '≤'} {self.goal:g}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of texts. The first `names` columns are words, the others figures."""

    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    names: int = 1


@dataclass(frozen=True, slots=True)
class Bar:
    """What something takes, to be drawn beside others of its kind."""

    name: str
    value: float
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What one benchmark found, and in a sentence how it was measured."""

    title: str
    how: str
    timings: list[Timing] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)


def ratio(timings: Iterable[Timing], name: str, to: str, goal: float | None = None) -> Ratio:
    """Return the ratio between the medians of two of the timings."""
    medians = {one.name: one.median for one in timings}
    return Ratio(f"{name} ÷ {to}", medians[name] / medians[to], goal)
