"""What memory holds of one bucket: for each window, by its length, a count or the times of requests."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Protocol, TypeVar

from plexe_auth.limiting.counting import Count, Standing, moving, rolled, standing
from plexe_auth.limiting.limiter import SECOND
from plexe_auth.model.rate import Window

H = TypeVar("H")


class Book(Protocol[H]):
    """Keeps what a strategy needs in a bucket's page, which holds it by the seconds of each window."""

    def look(self, page: dict[int, H], window: Window, now: int) -> Standing:
        """Bring the window up to `now`, and tell how it stands."""
        ...

    def take(self, page: dict[int, H], seconds: int, now: int, times: int = 1) -> None:
        """Count requests in a window that was looked at."""
        ...

    def packed(self, page: dict[int, H]) -> bytes:
        """Return the page as something that the garbage collector need not look into."""
        ...

    def unpacked(self, data: bytes) -> dict[int, H]:
        """Return the page that was packed."""
        ...


class Counts:
    """Fixed and sliding windows: two numbers each."""

    def __init__(self, *, sliding: bool) -> None:
        self._sliding = sliding

    def look(self, page: dict[int, Count], window: Window, now: int) -> Standing:
        """See `Book`."""
        length = window.seconds * SECOND
        count = page[window.seconds] = rolled(page.get(window.seconds), length, now, sliding=self._sliding)
        return standing(window, count, now, sliding=self._sliding)

    def take(self, page: dict[int, Count], seconds: int, now: int, times: int = 1) -> None:
        """See `Book`."""
        starts_at, count, previous = page[seconds]
        page[seconds] = Count(starts_at, count + times, previous)

    def packed(self, page: dict[int, Count]) -> bytes:
        """See `Book`."""
        return array("q", (number for seconds, count in page.items() for number in (seconds, *count))).tobytes()

    def unpacked(self, data: bytes) -> dict[int, Count]:
        """See `Book`."""
        numbers = iter(array("q", data))
        return {seconds: Count(next(numbers), next(numbers), next(numbers)) for seconds in numbers}


class Times:
    """Moving windows: the time of each request, oldest first."""

    def look(self, page: dict[int, "array[int]"], window: Window, now: int) -> Standing:
        """See `Book`."""
        times = page.setdefault(window.seconds, array("q"))
        for place in range(len(times) - 1, -1, -1):
            if times[place] <= now:
                break
            times[place] = now
        del times[: bisect_right(times, now - window.seconds * SECOND)]
        return moving(window, times, now)

    def take(self, page: dict[int, "array[int]"], seconds: int, now: int, times: int = 1) -> None:
        """See `Book`."""
        page[seconds].extend([now] * times)

    def packed(self, page: dict[int, "array[int]"]) -> bytes:
        """See `Book`."""
        numbers = array("q")
        for seconds, times in page.items():
            numbers.extend((seconds, len(times), *times))
        return numbers.tobytes()

    def unpacked(self, data: bytes) -> dict[int, "array[int]"]:
        """See `Book`."""
        return dict(_chapters(array("q", data)))


def _chapters(numbers: "array[int]") -> Iterator[tuple[int, "array[int]"]]:
    place = 0
    while place < len(numbers):
        seconds, length = numbers[place : place + 2]
        place += 2 + length
        yield seconds, numbers[place - length : place]
