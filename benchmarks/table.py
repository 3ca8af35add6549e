"""Findings as text for a terminal, and as a page of the documentation."""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.finding import Finding, Ratio, Sheet


def text(finding: Finding) -> str:
    """Return a finding for a terminal."""
    lines = ["", finding.title, "─" * len(finding.title), finding.how, ""]
    for sheet in _sheets(finding):
        lines += [*_columns(sheet), ""]
    return "\n".join(lines + [f"· {note}" for note in finding.notes])


def page(findings: Iterable[Finding], machine: str, pictures: Iterable[str]) -> str:
    """Return the page with every finding."""
    parts = [_HEAD.format(machine=machine), *pictures]
    for finding in findings:
        parts.append(f"\n## {finding.title}\n\n{finding.how}\n")
        parts += ["\n".join([*_marked(sheet), ""]) for sheet in _sheets(finding)]
        parts += [f"- {note}" for note in finding.notes]
    return "\n".join(parts) + "\n"


def _sheets(finding: Finding) -> Iterator[Sheet]:
    yield from finding.sheets
    if finding.timings:
        rows = [(one.name, f"{one.median:,.1f}", f"{one.p99:,.1f}") for one in finding.timings]
        yield Sheet(("µs", "median", "99th percentile"), rows)
    if finding.ratios:
        yield _judged(finding.ratios)


def _judged(ratios: Sequence[Ratio]) -> Sheet:
    rows = [(one.name, f"{one.value:,.2f}", one.bound, _floor(one), one.verdict) for one in ratios]
    if any(one.floor is not None for one in ratios):
        return Sheet(("ratio", "measured", "goal", "floor", ""), rows)
    return Sheet(("ratio", "measured", "goal", ""), [(*row[:3], row[4]) for row in rows])


def _floor(one: Ratio) -> str:
    return "" if one.floor is None else f"{one.floor:,.2f}"


def _columns(sheet: Sheet) -> Iterator[str]:
    table = [sheet.heads, *sheet.rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (
            f"{cell:{'<' if place < sheet.names else '>'}{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def _marked(sheet: Sheet) -> Iterator[str]:
    sides = ["---" if place < sheet.names else "---:" for place in range(len(sheet.heads))]
    yield f"| {' | '.join(sheet.heads)} |"
    yield f"|{'|'.join(sides)}|"
    for row in sheet.rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"


_HEAD = """# Performance

What things cost, measured in one run: things that are compared take turns, so that whatever else the machine did falls
on all alike. Quote the ratios: figures in microseconds are those of one machine ({machine}).
`make bench` measures on yours, and `make bench ARGS=--write` writes this page.
"""
