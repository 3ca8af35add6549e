"""How much is measured: everything, or a glance that shows that it works."""

from dataclasses import dataclass

_GLANCE = 20  # so many times less


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is asked for.

    Attributes:
        quick: a glance: everything is measured, nothing long enough to be quoted.
        ten_million: fill tables with ten million keys or entries in place of one.
    """

    quick: bool = False
    ten_million: bool = False

    def turns(self, full: int) -> int:
        """Return how often something is done that is done `full` times when it counts."""
        return max(20, full // _GLANCE) if self.quick else full

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many rows the tables have, from the smallest to the largest."""
        if self.quick:
            return (1_000, 20_000)
        return (1_000, 1_000_000, 10_000_000) if self.ten_million else (1_000, 100_000, 1_000_000)

    @property
    def remembered(self) -> int:
        """How many keys the largest cache remembers."""
        return 20_000 if self.quick else 1_000_000
