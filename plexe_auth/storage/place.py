"""Where a database is, as a name that holds no credentials: what belongs beside it finds its way by this."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store keeps its rows.

    Attributes:
        name: the same for everybody who opens the same database, and for no other database.
        beside: the folder for what belongs beside a database file; ``None`` where there is no file.
    """

    name: str
    beside: str | None = None


EPHEMERAL = Place("")  # rows that are gone with the process need nothing that outlives it
