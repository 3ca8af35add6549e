"""What a peer took, gathered round by round; or why it could not be measured."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.peers.catalogue import Peer

_FEW = 100  # with fewer single calls, nothing is said of the slowest in a hundred


@dataclass(slots=True)
class Result:
    """What one peer took, in nanoseconds; `missing` says why there is nothing."""

    peer: Peer
    floors: list[float] = field(default_factory=list)
    batches: list[float] = field(default_factory=list)
    singles: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    missing: str = ""

    @property
    def ratio(self) -> float:
        """Return how many floors one verification takes: the median of the rounds, each with its own floor."""
        return statistics.median(self.ratios)

    @property
    def median(self) -> float:
        """Return the median of one verification."""
        return statistics.median(self.batches)

    @property
    def floor(self) -> float:
        """Return the median of the floor in the peer's own process."""
        return statistics.median(self.floors)

    @property
    def p99(self) -> float | None:
        """Return what 99 of 100 single calls stay under; nothing if there were too few."""
        return sorted(self.singles)[int(len(self.singles) * 0.99)] if len(self.singles) >= _FEW else None

    @property
    def p99_ratio(self) -> float | None:
        """Return that in floors."""
        return None if self.p99 is None else self.p99 / self.floor

    def add(self, told: Mapping[str, list[float]]) -> None:
        """Take in what one round brought."""
        self.floors += told["floors"]
        self.batches += told["batches"]
        self.singles += told["singles"]
        self.ratios.append(statistics.median(told["batches"]) / statistics.median(told["floors"]))
