"""How many more fit into a bucket for certain, and until when, is worked out once; then each request takes a place."""

from collections.abc import Iterator
from itertools import repeat

# Places at once: whoever ends a hold counts what is left of them, and whoever needs more has to work it out anew.
_FEWEST, _MOST = 100, 10_000


class Hold:
    """Requests that certainly fit into a bucket, for one rate, from one instant to another.

    To take one is one call, and Python runs one such call at a time; so nobody has to wait for anybody. Whoever kept a
    hold that has ended gets no place of it.

    Attributes:
        rate: the rate for which that was worked out.
        begins: from when it holds, in nanoseconds since 1970: a clock that went back has to be looked at.
        ends: until when it holds.
        places: gives 1 for each request.
        given: how many there were.
        beyond: how many fit besides.
    """

    __slots__ = ("begins", "beyond", "ends", "given", "places", "rate")

    def __init__(self, rate: str, begins: int, ends: int, room: int, before: int = 0) -> None:
        """Give out twice as many as were taken of the one `before`."""
        self.rate: str = rate
        self.begins: int = begins
        self.ends: int = ends
        self.given: int = max(0, min(room, max(_FEWEST, min(2 * before, _MOST))))
        self.places: Iterator[int] = repeat(1, self.given)
        self.beyond: int = room - self.given

    def end(self) -> int:
        """Give no more places, and return how many were taken. Nobody takes one in between: it is one call."""
        return self.given - sum(self.places)


NO_PLACES = Hold("", 0, 0, 0)
