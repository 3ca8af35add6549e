"""``python -m benchmarks [NAME…] [--quick] [--write]``: measure, print, and with ``--write`` put it into the docs."""

import argparse
import os
import platform
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks import (
    anatomy,
    chart,
    cold_verify,
    counted,
    grown_log,
    grown_pages,
    growth,
    import_cost,
    log_entries,
    managing,
    middleware,
    missed,
    pages,
    people,
    table,
    under_load,
)
from benchmarks.effort import Effort
from benchmarks.finding import Finding
from benchmarks.peers.report import peers

DOCS = Path(__file__).parent.parent / "docs"
BENCHMARKS: dict[str, Callable[[Effort], list[Finding]]] = {
    "peers": peers,
    "anatomy": anatomy.anatomy,
    "middleware": middleware.middleware,
    "rest": managing.managing,
    "console": pages.pages,
    "console-growth": grown_pages.grown_pages,
    "counted": counted.counted,
    "server": under_load.under_load,
    "growth": growth.growth,
    "log": log_entries.log_entries,
    "log-growth": grown_log.grown_log,
    "sqlite": cold_verify.sqlite,
    "postgresql": partial(cold_verify.server, "postgresql", "PostgreSQL"),
    "mariadb": partial(cold_verify.server, "mariadb", "MariaDB"),
    "people": people.people,
    "import": import_cost.imports,
}
PICTURES = {
    "images/performance.svg": (chart.race, "What one verification takes us and others"),
    "images/performance-goals.svg": (chart.goals, "The ratios beside their goals"),
}


def main() -> None:
    """Run what was asked for, or everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and its pictures too")
    parser.add_argument("--quick", action="store_true", help="a glance at everything, too short to be quoted")
    parser.add_argument(
        "--ten-million", action="store_true", help="grow to ten million keys and entries (10 GB of disk)"
    )
    asked = parser.parse_args()
    if unknown := set(asked.names) - BENCHMARKS.keys():
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    if asked.write and (asked.names or asked.quick):
        parser.error("--write writes one page with everything, measured in one run; leave the names and --quick out")
    findings = measured(asked.names or BENCHMARKS, Effort(asked.quick, asked.ten_million))
    if asked.write:
        write(findings)


def measured(names: Iterable[str], effort: Effort) -> list[Finding]:
    """Measure, and print what was found as soon as it is.

    Each benchmark has a process of its own: what an earlier one left in memory made a page look dearer by a quarter.
    """
    findings: list[Finding] = []
    for name in names:
        with ProcessPoolExecutor(1, get_context("spawn")) as process:  # which may have children of its own
            found = process.submit(BENCHMARKS[name], effort).result()
        for finding in found:
            print(table.text(finding), flush=True)
        findings += found
    return findings


def write(findings: list[Finding]) -> None:
    """Put the findings into the documentation."""
    for file, (draw, _words) in PICTURES.items():
        (DOCS / file).write_text(draw(findings), encoding="utf-8")
    shown = [f"\n![{words}]({file})" for file, (_draw, words) in PICTURES.items()]
    (DOCS / "performance.md").write_text(
        table.page([*missed.missed(findings), *findings], machine(), shown), encoding="utf-8"
    )


def machine() -> str:
    """Return in a few words what it was measured on."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} on {platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


if __name__ == "__main__":
    main()
