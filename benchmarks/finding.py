"""What a benchmark found: timings, and ratios between them that may have a goal."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from benchmarks.interleaving import Timing


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long one thing takes as another, and how many times it may."""

    name: str
    value: float
    goal: float | None = None

    @property
    def verdict(self) -> str:
        """``met``, ``MISSED``, or nothing where there is no goal."""
        if self.goal is None:
            return ""
        return "met" if self.value <= self.goal else "MISSED"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one benchmark found, and in a sentence how it was measured."""

    title: str
    how: str
    timings: list[Timing] = field(default_factory=list)
    ratios: list[Ratio] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def ratio(timings: Iterable[Timing], name: str, to: str, goal: float | None = None) -> Ratio:
    """Return the ratio between the medians of two of the timings."""
    medians = {one.name: one.median for one in timings}
    return Ratio(f"{name} ÷ {to}", medians[name] / medians[to], goal)
