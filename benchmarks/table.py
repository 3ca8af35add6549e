"""Findings as text for a terminal, and as a page of the documentation."""

from collections.abc import Iterable

from benchmarks.finding import Finding, Ratio

_WIDTH = 74


def text(finding: Finding) -> str:
    """Return a finding for a terminal."""
    lines = ["", finding.title, "─" * len(finding.title), finding.how, ""]
    if finding.timings:
        lines.append(f"{'':{_WIDTH}}{'median':>12}{'p99':>12}   µs")
        lines += [f"{one.name:{_WIDTH}}{one.median:12,.1f}{one.p99:12,.1f}" for one in finding.timings]
        lines.append("")
    lines += [f"{one.name:{_WIDTH}}{one.value:12.2f}{_goal(one):>12}   {one.verdict}" for one in finding.ratios]
    return "\n".join(lines + [f"· {note}" for note in finding.notes])


def page(findings: Iterable[Finding], machine: str, picture: str) -> str:
    """Return the page with every finding."""
    parts = [_HEAD.format(machine=machine, picture=picture)]
    for finding in findings:
        parts.append(f"\n## {finding.title}\n\n{finding.how}\n")
        if finding.timings:
            rows = [f"| {one.name} | {one.median:,.1f} | {one.p99:,.1f} |" for one in finding.timings]
            parts.append("\n".join(["| µs | median | 99th percentile |", "|---|---:|---:|", *rows, ""]))
        if finding.ratios:
            rows = [f"| {one.name} | {one.value:.2f} | {_goal(one)} | {one.verdict} |" for one in finding.ratios]
            parts.append("\n".join(["| ratio | measured | goal | |", "|---|---:|---:|---|", *rows, ""]))
        parts += [f"- {note}" for note in finding.notes]
    return "\n".join(parts) + "\n"


def _goal(one: Ratio) -> str:
    return "" if one.goal is None else f"≤ {one.goal:g}"


_HEAD = """# Performance

What things cost, measured in one run: things that are compared take turns, so that whatever else the machine did falls
on both alike. Quote the ratios: figures in microseconds are those of one machine ({machine}). `make bench` measures
on yours, and `make bench ARGS=--write` writes this page.

![A chart of the ratios beside their goals]({picture})
"""
