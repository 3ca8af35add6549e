"""What is said of a table: its columns, what is unique, what is looked up, and which row goes with which."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Column:
    """A column of texts (`longest` in characters), byte strings (`longest` in bytes) or integers of 64 bits."""

    name: str
    kind: Literal["text", "long_text", "bytes", "integer"]
    longest: int = 0
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table. Its first column is its primary key.

    Attributes:
        unique: columns in which no two rows hold the same value.
        indexes: columns by which rows are filtered and ordered together.
        references: by name, the column here that holds the id of a row there.
    """

    name: str
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])

    @property
    def key(self) -> str:
        """The name of the primary key."""
        return self.columns[0].name

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(column.name for column in self.columns)


def text(name: str, longest: int = 255, *, optional: bool = False) -> Column:
    """Return a column of texts."""
    return Column(name, "text", longest, optional)


def instant(name: str, *, optional: bool = True) -> Column:
    """Return a column of instants, in microseconds since 1970."""
    return Column(name, "integer", 0, optional)
