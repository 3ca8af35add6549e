"""Lines become one commit: their entries, what they count, when keys were last used, and the chain's new place.

The chain's row is compared and set in that commit, so that lines are stored once, whoever stores them and however often
it is tried. Entries come first: there are many, and nobody else wants their rows. Rows that others change too come
after them, which holds them as shortly as may be, and in order, so that nobody waits for each other.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from plexe_auth.journal.chain import Chain, lengthened, turns
from plexe_auth.model.entry import VERIFIED, Values
from plexe_auth.model.lines import told as read_all
from plexe_auth.model.usage import hour_of, usage_id
from plexe_auth.rows import Add, Change, Ensure, Greatest, Insert, Row, Update, equal

_AT, _ACTION, _OUTCOME, _ACCOUNT, _KEY = 0, 1, 2, 4, 5


def batch(chain: Chain, lines: Sequence[bytes]) -> tuple[Chain, list[Insert], list[Change]]:
    """Return the chain after these lines, the inserts of their entries, and everything to commit, in order."""
    told = read_all(lines)
    longer, inserts, writer = lengthened(chain, told, turns(chain.writer, chain.position + 1, len(told)))
    verified = [one for one, _line in told if one[_ACTION] == VERIFIED and one[_KEY] and one[_ACCOUNT]]
    return longer, inserts, [*inserts, *_last_used(verified), *_counted(verified), *writer]


def _last_used(verified: Iterable[Values]) -> Iterable[Change]:
    latest: dict[str, int] = {}
    for one in verified:
        if one[_OUTCOME] == "allowed":
            latest[one[_KEY]] = max(one[_AT], latest.get(one[_KEY], 0))
    for key_id, at in sorted(latest.items()):
        yield Update("keys", (equal("id", key_id),), {"last_used_at": Greatest(at)}, several=True)


def _counted(verified: Iterable[Values]) -> Iterable[Change]:
    counts: dict[str, dict[str, Any]] = {}
    for one in verified:
        hour = hour_of(one[_AT])
        name = usage_id(one[_KEY], hour)
        row = counts.get(name)
        if row is None:
            row = counts[name] = _nothing(name, one, hour)
        row[one[_OUTCOME]] += 1
    for name in sorted(counts):
        yield Ensure("usage", {**counts[name], "allowed": 0, "denied": 0})
    for name in sorted(counts):
        more = {outcome: Add(counts[name][outcome]) for outcome in ("allowed", "denied")}
        yield Update("usage", (equal("id", name),), more)


def _nothing(name: str, one: Values, hour: int) -> dict[str, Any]:
    return {"id": name, "account_id": one[_ACCOUNT], "key_id": one[_KEY], "hour": hour, "allowed": 0, "denied": 0}


def chain_of(writer: str, row: Row | None) -> Chain:
    """Return a chain as its writer's row has it."""
    return Chain(writer) if row is None else Chain(writer, row["position"], row["head"])
