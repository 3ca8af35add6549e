"""What misses its goal, all in one place, beside what nothing gets below."""

from collections.abc import Iterable

from benchmarks.finding import Finding

_HOW = (
    "The floor is the least that does the same, measured in the same run and told further below: one function for one "
    "key and one path; for a 99th percentile three hashes in a row, where those are quicker than it; for one of very "
    "many keys a look into a plain dictionary of as many in place of ours. Where the floor misses a goal as well, no "
    "code of ours meets it on this machine. Where the time goes is in the tables of parts and of steps below."
)


def missed(findings: Iterable[Finding]) -> list[Finding]:
    """Return one finding with every ratio that misses its goal, or none where all are met."""
    ratios = [one for finding in findings for one in finding.ratios if one.is_missed]
    return [Finding("What misses its goal", _HOW, ratios=ratios)] if ratios else []
