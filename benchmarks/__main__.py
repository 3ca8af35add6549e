"""``python -m benchmarks [NAME…] [--write]``: measure, print, and with ``--write`` put it into the documentation."""

import argparse
import os
import platform
import sqlite3
from functools import partial
from pathlib import Path

from benchmarks import chart, cold_verify, growth, import_cost, middleware, table

DOCS = Path(__file__).parent.parent / "docs"
PICTURE = "images/performance.svg"
BENCHMARKS = {
    "sqlite": cold_verify.sqlite,
    "postgresql": partial(cold_verify.server, "postgresql", "PostgreSQL"),
    "mariadb": partial(cold_verify.server, "mariadb", "MariaDB"),
    "import": import_cost.imports,
    "growth": growth.growth,
    "middleware": middleware.middleware,
}


def main() -> None:
    """Run what was asked for, or everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md too")
    asked = parser.parse_args()
    if unknown := set(asked.names) - BENCHMARKS.keys():
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    if asked.write and asked.names:
        parser.error("--write writes one page with everything, measured in one run; leave the names out")
    findings = []
    for name in asked.names or BENCHMARKS:
        for finding in BENCHMARKS[name]():
            print(table.text(finding), flush=True)
            findings.append(finding)
    if asked.write:
        (DOCS / PICTURE).write_text(chart.chart(findings), encoding="utf-8")
        (DOCS / "performance.md").write_text(table.page(findings, machine(), PICTURE), encoding="utf-8")


def machine() -> str:
    """Return in a few words what it was measured on."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} on {platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


if __name__ == "__main__":
    main()
