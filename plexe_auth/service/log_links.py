"""A chain is walked from its head down to its anchor, link by link; what is missing or altered is told by its place."""

from dataclasses import dataclass

from plexe_auth.journal.chain import chained, placed
from plexe_auth.model.entry import kind
from plexe_auth.rows import Row


@dataclass(frozen=True, slots=True)
class Broken:
    """A place where the access log is not as it was written.

    Attributes:
        writer: whose chain; ``*`` where a whole chain is missing.
        number: the first entry of it that this is about, counted from 1; 0 for the chain as a whole.
        what: ``"altered"``, ``"missing"``, or ``"foreign"`` for one that nobody wrote.
        last: the last entry that this is about.
    """

    writer: str
    number: int
    what: str
    last: int


class Links:
    """One chain as its writer's row has it. Feed it the chain's entries, newest first."""

    def __init__(self, writer: Row) -> None:
        self.broken: list[Broken] = []
        self.writer: str = writer["id"]
        self._anchor = writer["anchor"]
        self._anchor_head = writer["anchor_head"]
        self._due = writer["position"]
        self._head: bytes | None = writer["head"]
        self._open: Row | None = None

    def feed(self, entry: Row) -> None:
        """Look at the next entry."""
        number = placed(entry["id"])[1]
        if number > self._due:
            self._found(number, "foreign", number)
            return
        self._passed_over(number)
        if self._head is not None and entry["chained"] != self._head:
            self._found(number, "altered", number)
        self._close(entry["chained"], number + 1)
        self._head, self._open, self._due = None, entry, number - 1

    def end(self, anchor: int) -> None:
        """Look at what the chain stands on. Whatever was cut off meanwhile, up to `anchor`, is not missing."""
        if self._due == self._anchor:
            self._close(self._anchor_head, self._due + 1)
        else:
            self._passed_over(max(self._anchor, anchor))

    def _passed_over(self, number: int) -> None:
        if number < self._due:
            self._found(number + 1, "missing", self._due)
            self._open = self._head = None

    def _close(self, before: bytes, number: int) -> None:
        entry = self._open
        if entry is not None and (chained(before, entry) != entry["chained"] or not _is_found(entry)):
            self._found(number, "altered", number)

    def _found(self, number: int, what: str, last: int) -> None:
        self.broken.append(Broken(self.writer, number, what, last))


def _is_found(entry: Row) -> bool:
    """Whether an entry stands where whoever looks for it looks. Its kind follows from what is chained."""
    return bool(entry["kind"] == kind(entry["action"], entry["outcome"]))
