"""Verification as the table grows from a thousand keys to millions: cold, and with very many of them remembered."""

import random
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from benchmarks import bare
from benchmarks.effort import Effort
from benchmarks.finding import Finding, Ratio
from benchmarks.interleaving import Timing, interleaved
from benchmarks.remembering import remembering
from benchmarks.stock import Texts, fill
from plexe_auth import Auth, Settings

KNOWN = 500
TURNS = 4_000
COLD = Settings(cache_entries=0)
GOAL = 1.05  # as the bare select, but for the noise of two measurements


def growth(effort: Effort) -> list[Finding]:
    """Return what verification costs as the table grows."""
    with tempfile.TemporaryDirectory() as folder:
        files = {size: Path(folder) / f"{size}.db" for size in effort.sizes}
        for size, file in files.items():
            fill(file, size, effort.remembered)
        return [_cold(files, effort.turns(TURNS)), *remembering(files, effort)]


def _cold(files: dict[int, Path], turns: int) -> Finding:
    with ExitStack() as stack:
        subjects: dict[str, Callable[[], object]] = {}
        for size, file in files.items():
            subjects |= _subjects(file, size, stack)
        timings = interleaved(subjects, turns)
    sizes = min(files), max(files)
    mine, selects = (_growth(timings, what, *sizes) for what in ("keys.verify", "bare select"))
    both = Ratio("the one growth ÷ the other", mine.value / selects.value, GOAL)
    how = f"SQLite, one file for each size, no cache; {KNOWN} keys of each, all over the table, verified in turn."
    return Finding(f"Cold, from {sizes[0]:,} keys to {sizes[1]:,}", how, timings, [mine, selects, both])


def _growth(timings: list[Timing], what: str, smallest: int, largest: int) -> Ratio:
    medians = {one.name: one.median for one in timings}
    value = medians[_name(what, largest)] / medians[_name(what, smallest)]
    return Ratio(f"{what}: {largest:,} keys ÷ {smallest:,} keys", value)


def _name(what: str, size: int) -> str:
    return f"{what}, {size:,} keys"


def _subjects(file: Path, size: int, stack: ExitStack) -> dict[str, Callable[[], object]]:
    url = f"sqlite:///{file}"
    auth = stack.enter_context(Auth.open(url, settings=COLD))
    known = Texts(file.with_suffix(".texts"))
    texts = [known[place] for place in random.Random(size).sample(range(len(known)), KNOWN)]
    mine, digests = cycle(texts).__next__, cycle(map(bare.digest, texts)).__next__
    connection = stack.enter_context(stack.enter_context(bare.engine(url)).connect())
    return {
        _name("keys.verify", size): lambda: auth.keys.verify(mine()),
        _name("bare select", size): bare.held(connection, digests),
    }
