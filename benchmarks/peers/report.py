"""One good credential verified over and over: what it takes us, what it takes others, and our goals."""

from collections.abc import Iterable

from benchmarks.effort import Effort
from benchmarks.finding import Bar, Finding, Ratio, Sheet
from benchmarks.peers import catalogue
from benchmarks.peers.catalogue import Peer
from benchmarks.peers.race import race
from benchmarks.peers.result import Result

ROUNDS, MILLISECONDS = 30, 200
FEW_ROUNDS, FEW_MILLISECONDS = 3, 40
HEADS = ("library", "set up as", "× SHA-256", "99th percentile", "µs", "a revoked one lives on")
TITLES = {"key": "An API key verified", "session": "A session verified"}

_HOW = {
    "key": "One good key, verified in process without HTTP, each library in a process and an environment of its own; "
    "they take turns. “× SHA-256” is the median of the rounds, against SHA-256 of a key's text in the same process and "
    "round; the 99th percentile is that of single calls, in the same unit. Ours write each verification down in the "
    "access log, for good; another thread stores it, which is measured by itself below. “No library” is what nothing "
    "gets below: as many hashes as are the goal, and one function for one key.",
    "session": "One good session, verified likewise.",
}
_GOALS: tuple[tuple[Peer, float], ...] = (
    (catalogue.WARM, 3.0),
    (catalogue.WARM_ASYNC, 3.0),
    (catalogue.LIMITED, 4.5),
    (catalogue.LIMITED_ASYNC, 4.5),
    (catalogue.EXACT, 9.0),
    (catalogue.EXACT_ASYNC, 9.0),
)
_WARM = {  # and the least that does the same
    catalogue.WARM: catalogue.LEAST,
    catalogue.WARM_ASYNC: catalogue.LEAST_ASYNC,
}
_SLOWEST = 6.0
_PAIRS = ((catalogue.LIMITED, catalogue.WARM), (catalogue.LIMITED_ASYNC, catalogue.WARM_ASYNC))
_HIT, _FASTER, _SESSION = 1.5, 10.0, 4.0


def peers(effort: Effort) -> list[Finding]:
    """Return what was found, keys first."""
    rounds, milliseconds = (FEW_ROUNDS, FEW_MILLISECONDS) if effort.quick else (ROUNDS, MILLISECONDS)
    return told(race(catalogue.PEERS, rounds=rounds, milliseconds=milliseconds))


def told(results: list[Result]) -> list[Finding]:
    """Return what the results say."""
    keys, sessions = (_finding(kind, [one for one in results if one.peer.kind == kind]) for kind in TITLES)
    measured = {one.peer: one for one in results if not one.missing}
    keys.ratios.extend(_goals(measured))
    for peer in (catalogue.SESSION, catalogue.SESSION_ASYNC):
        if one := measured.get(peer):
            sessions.ratios.append(Ratio(f"session: {peer.title} ÷ SHA-256", one.ratio, _SESSION))
    return [keys, sessions]


def _finding(kind: str, results: list[Result]) -> Finding:
    measured = sorted((one for one in results if not one.missing), key=lambda one: one.ratio)
    missing = [f"{one.peer.title}: not measured, for {one.missing}" for one in results if one.missing]
    sheet = Sheet(HEADS, [_row(one) for one in measured], names=2)
    bars = [Bar(_drawn(one), one.ratio, is_ours=one.peer.name == "plexe_auth") for one in measured]
    return Finding(TITLES[kind], _HOW[kind], notes=[*missing, *_versions(results)], sheets=[sheet], bars=bars)


def _row(one: Result) -> tuple[str, ...]:
    p99 = "" if one.p99_ratio is None else _figures(one.p99_ratio)
    return one.peer.name, one.peer.how, _figures(one.ratio), p99, _figures(one.median / 1000), one.peer.staleness


def _drawn(one: Result) -> str:
    return f"session: {one.peer.title}" if one.peer.kind == "session" else one.peer.title


def _figures(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _versions(results: Iterable[Result]) -> list[str]:
    asked = dict.fromkeys(one.replace("==", " ") for result in results for one in result.peer.requirements)
    return [f"Versions: {', '.join(asked)}"]


def _goals(measured: dict[Peer, Result]) -> Iterable[Ratio]:
    floors = [measured[peer] for peer in catalogue.FLOORS if peer in measured]
    for peer, goal in _GOALS:
        if one := measured.get(peer):
            least = measured.get(_WARM[peer]) if peer in _WARM else None
            yield Ratio(f"{peer.title} ÷ SHA-256", one.ratio, goal, floor=None if least is None else least.ratio)
    slowest = min((one.p99_ratio for one in floors if one.p99_ratio is not None), default=None)
    for peer in _WARM:
        if (one := measured.get(peer)) and one.p99_ratio is not None:
            yield Ratio(f"{peer.title}, 99th percentile ÷ SHA-256", one.p99_ratio, _SLOWEST, floor=slowest)
    for limited, plain in _PAIRS:
        if limited in measured and plain in measured:
            hit = measured[limited].ratio - measured[plain].ratio
            yield Ratio(f"what the rate adds to {plain.title} ÷ SHA-256", hit, _HIT)
    if catalogue.SAFE_CACHED in measured and catalogue.WARM in measured:
        faster = measured[catalogue.SAFE_CACHED].median / measured[catalogue.WARM].median
        yield Ratio(f"{catalogue.SAFE_CACHED.title} ÷ {catalogue.WARM.title}", faster, _FASTER, at_least=True)
