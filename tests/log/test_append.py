"""Appending takes no lock, and yet every line stands once and whole, in the segment that has its number."""

import threading
from contextlib import suppress
from pathlib import Path

import pytest

from plexe_auth.journal.segment import Segment, kept_lines
from plexe_auth.journal.spool import Closed, Full, Spool

THREADS = 4
EACH = 4000


class Bell:
    """Nobody stores anything here unless a test does."""

    def wake(self, *, hurry: bool = False) -> None:
        pass


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path, 1024 * 1024, Bell())


def in_files(folder: Path) -> list[tuple[int, list[bytes]]]:
    """The number of lines before each segment, and its lines."""
    files = {int(path.name.split(".")[1]): path for path in folder.glob("*.lines")}
    return [(first, kept_lines(files[first])) for first in sorted(files)]


def test_lines_of_many_threads_stand_once_and_in_the_segment_that_has_their_number(
    spool: Spool, tmp_path: Path
) -> None:
    def write(thread: int) -> None:
        for number in range(EACH):
            spool.append(f"[{thread},{number}]".ljust(8 + number % 41, " "))

    threads = [threading.Thread(target=write, args=(one,)) for one in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    segments = in_files(tmp_path)
    assert len(segments) > 3
    lines = [line for _first, part in segments for line in part]
    assert sorted(line.strip() for line in lines) == sorted(
        f"[{thread},{number}]".encode() for thread in range(THREADS) for number in range(EACH)
    )
    assert spool.count == THREADS * EACH
    assert [first for first, _part in segments] == [
        sum(len(part) for _first, part in segments[:place]) for place in range(len(segments))
    ]
    spool.close()


def test_who_comes_too_late_for_a_segment_writes_into_the_next(spool: Spool, tmp_path: Path) -> None:
    spool.append("early")
    late = spool.write
    spool.append("x" * 65_533)  # the first segment has room for much more than one line, but not for this one
    with pytest.raises(ValueError, match="range"):
        late(b"late\n")
    spool.append("late")
    assert [part for _first, part in in_files(tmp_path)] == [[b"early"], [b"x" * 65_533], [b"late"]]
    spool.close()


def test_numbers_go_on_after_segments_that_are_stored_and_gone(spool: Spool, tmp_path: Path) -> None:
    for _ in range(3):
        spool.append("x" * 65_000)
        spool.store(spool.waiting(10))
    spool.append("y" * 65_000)
    assert in_files(tmp_path) == [(3, [b"y" * 65_000])]
    assert (spool.count, spool.stored) == (4, 3)
    spool.close()


def test_a_line_that_comes_while_a_segment_is_sealed_belongs_to_it(tmp_path: Path) -> None:
    segment = Segment(4096, tmp_path / "one")
    real = segment.memory

    class Between:
        """Memory into which somebody else writes after its end was asked for."""

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def tell(self) -> int:
            end = real.tell()
            real.write(b"between\n")
            return end

    segment.memory = Between()  # type: ignore[assignment]
    segment.seal()
    segment.memory = real
    assert (segment.end, segment.count(), segment.lines(10, 4096)) == (8, 1, [b"between"])
    segment.close()


def test_H08_a_line_that_was_being_written_is_left_out_and_those_before_it_stay(tmp_path: Path) -> None:
    for torn in (b"", b"[3,", b"[3,\0\0\0\n", b"\0\0\0]\n"):
        file = tmp_path / "torn"
        file.write_bytes((b"[1]\n[2]\n" + torn).ljust(4096, b"\0"))
        assert kept_lines(file) == [b"[1]", b"[2]"]


def test_what_is_no_ASCII_is_a_mistake_of_ours_and_is_not_written(spool: Spool) -> None:
    with pytest.raises(UnicodeEncodeError):
        spool.append("é")
    assert spool.count == 0
    spool.close()


def test_nothing_is_written_into_a_closed_spool_nor_past_its_limit(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 128 * 1024, Bell())
    with suppress(Full):
        for _ in range(1000):
            spool.append("x" * 1000)
    written = spool.count
    with pytest.raises(Full):
        spool.append("x")
    assert (spool.count, sum(len(part) for _first, part in in_files(tmp_path))) == (written, written)
    spool.close()
    with pytest.raises(Closed):
        spool.append("x")
