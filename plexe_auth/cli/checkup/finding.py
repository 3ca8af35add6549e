"""What one check found: all is well, something should be looked at, or something has to be done."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        check: what was looked at.
        level: ``"ok"``, ``"warn"`` or ``"fail"``.
        found: what it is like.
        to_do: what to do about it; empty where that is nothing.
        keys: the ids of the keys it is about.
    """

    check: str
    level: Level
    found: str
    to_do: str = ""
    keys: tuple[str, ...] = ()
