"""What sums of one form have in common: what is told apart, and what is added up."""

from typing import NamedTuple


class Added(NamedTuple):
    """How rows are added up, as `plexe_auth.rows.Sums` says it.

    Attributes:
        by: the column whose values are told apart.
        of: which columns are added up.
        per: what spans are told apart.
        along: what is read along.
    """

    by: str
    of: tuple[str, ...]
    per: tuple[str, int] | None
    along: tuple[str, str] | None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of a row of sums, in the order in which they are selected."""
        per, along = (() if one is None else one[:1] for one in (self.per, self.along))
        return (self.by, *per, *self.of, *along)
