"""Lines become one commit: their entries, what they count, when keys were last used, and the chain's new place.

The chain's row is compared and set in that commit, so that lines are stored once, whoever stores them and however often
it is tried. Entries come first: there are many, and nobody else wants their rows. Rows that others change too come
after them, which holds them as shortly as may be, and in order, so that nobody waits for each other.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from plexe_auth.journal.chain import Chain, lengthened, turns
from plexe_auth.model.entry import VERIFIED, Values
from plexe_auth.model.lines import told as read_all
from plexe_auth.model.usage import HOUR, usage_id
from plexe_auth.rows import Add, Change, Ensure, Greatest, Insert, Row, Update, equal

_AT, _ACTION, _OUTCOME, _ACCOUNT, _KEY = 0, 1, 2, 4, 5


def batch(chain: Chain, lines: Sequence[bytes]) -> tuple[Chain, list[Insert], list[Change]]:
    """Return the chain after these lines, the inserts of their entries, and everything to commit, in order."""
    told = read_all(lines)
    longer, inserts, writer = lengthened(chain, told, turns(chain.writer, chain.position + 1, len(told)))
    verified = [one for one, _line in told if one[_ACTION] == VERIFIED and one[_KEY] and one[_ACCOUNT]]
    return longer, inserts, [*inserts, *_last_used(verified), *_counted(verified), *writer]


def _last_used(verified: Iterable[Values]) -> Iterable[Change]:
    # In the order of time the last one stands: a dictionary made at once takes a third of looking at each.
    latest = dict(sorted((one[_KEY], one[_AT]) for one in verified if one[_OUTCOME] == "allowed"))
    for key_id, at in latest.items():
        yield Update("keys", (equal("id", key_id),), {"last_used_at": Greatest(at)}, several=True)


def _counted(verified: Iterable[Values]) -> Iterable[Change]:
    times = Counter((one[_KEY], one[_ACCOUNT], one[_AT] // HOUR, one[_OUTCOME]) for one in verified)
    rows: dict[str, dict[str, Any]] = {}
    for (key_id, account_id, hour, outcome), count in times.items():
        name = usage_id(key_id, hour * HOUR)
        row = {"id": name, "account_id": account_id, "key_id": key_id, "hour": hour * HOUR, "allowed": 0, "denied": 0}
        rows.setdefault(name, row)[outcome] += count
    for name in sorted(rows):
        yield Ensure("usage", {**rows[name], "allowed": 0, "denied": 0})
    for name in sorted(rows):
        yield Update("usage", (equal("id", name),), {one: Add(rows[name][one]) for one in ("allowed", "denied")})


def chain_of(writer: str, row: Row | None) -> Chain:
    """Return a chain as its writer's row has it."""
    return Chain(writer) if row is None else Chain(writer, row["position"], row["head"])
