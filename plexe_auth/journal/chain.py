"""Entries are chained by hash, each writer's by itself, so that one that was altered or removed shows.

``head`` after entry n is SHA-256 of the head before it and of all that entry n holds. The writer's row keeps how many
there are and the newest head; whoever lengthens a chain compares and sets that row in the same commit.
"""

import functools
import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from plexe_auth.identifier import base62, pairs
from plexe_auth.model.entry import Told, canonical, row
from plexe_auth.rows import Add, Change, Ensure, Insert, Row, Update, equal
from plexe_auth.secret import random_text

EMPTY = bytes(32)
EVERYONE = "*"  # the row that counts writers, so that one that was removed as a whole is missed

_TIME_LENGTH = 9
_RANDOM_LENGTH = 7
_NUMBER_LENGTH = 7
_WRITER_LENGTH = _TIME_LENGTH + _RANDOM_LENGTH
_KIND = "log_"
_PAIR = 62 * 62
_BASE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_COUNTED: tuple[Change, ...] = (
    Ensure("writers", {"id": EVERYONE, "position": 0, "head": EMPTY, "anchor": 0, "anchor_head": EMPTY}),
    Update("writers", (equal("id", EVERYONE),), {"position": Add(1)}),
)


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain as it stands: who writes it, how many entries it has, and its head. One with none is not stored yet."""

    writer: str
    position: int = 0
    head: bytes = EMPTY


def new_writer() -> str:
    """Return the name of a new chain: 16 base62 characters, the time and chance. Later ones sort after earlier ones."""
    return base62(time.time_ns() // 1000, _TIME_LENGTH) + random_text(_RANDOM_LENGTH)


def entry_id(writer: str, number: int) -> str:
    """Return the id of a writer's entry with that number, counted from 1. Ids of one writer sort as their numbers."""
    thousands, rest = divmod(number, _PAIR)
    return _leading(writer, thousands) + pairs()[rest]


@functools.lru_cache(maxsize=16)
def _leading(writer: str, thousands: int) -> str:
    return f"{_KIND}{writer}{base62(thousands, _NUMBER_LENGTH - 2)}"


def placed(name: str) -> tuple[str, int]:
    """Return the writer and number that an entry's id stands for; number 0 where it is none of ours."""
    body = name.removeprefix(_KIND)
    writer, digits = body[:_WRITER_LENGTH], body[_WRITER_LENGTH:]
    if not name.startswith(_KIND) or len(digits) != _NUMBER_LENGTH or not set(digits) <= set(_BASE):
        return name, 0
    number = 0
    for digit in digits:
        number = number * len(_BASE) + _BASE.index(digit)
    return writer, number


def turn(writer: str, number: int, within: int = 0) -> int:
    """Return what orders entries of one instant: the number, then what came before the next one; then chance."""
    return turns(writer, number, 1)[0] | min(within, 0xFFF) << 20


def turns(writer: str, number: int, count: int) -> range:
    """Return what orders so many entries, from that number on."""
    chance = int.from_bytes(writer[-_RANDOM_LENGTH:].encode()[-3:]) & 0xFFFFF
    first = (number & 0x3FFFFFFF) << 32 | chance
    return range(first, first + (count << 32), 1 << 32)


def chained(head: bytes, entry: Row) -> bytes:
    """Return the head after `entry`."""
    return _chained(head, entry["id"], entry["turn"], canonical(entry))


def _chained(head: bytes, name: str, order: int, line: str) -> bytes:
    return sha256(head + f"{name} {order} {line}".encode()).digest()


def lengthened(chain: Chain, told: Iterable[Told], turns: Iterable[int]) -> tuple[Chain, list[Insert], list[Change]]:
    """Return the chain with more entries, the inserts of these, and the change of the writer's row that goes along."""
    head, inserts = chain.head, list[Insert]()
    for (values, line), order, name in zip(told, turns, _names_after(chain), strict=False):
        head = _chained(head, name, order, line)
        inserts.append(Insert("entries", row(name, order, values, head)))
    longer = Chain(chain.writer, chain.position + len(inserts), head)
    return longer, inserts, _writer(chain, longer)


def _names_after(chain: Chain) -> Iterator[str]:
    first, rest = divmod(chain.position + 1, _PAIR)
    for thousands in itertools.count(first):
        leading = _leading(chain.writer, thousands)
        for last in itertools.islice(pairs(), rest, None):
            yield leading + last
        rest = 0


def _writer(before: Chain, after: Chain) -> list[Change]:
    if not before.position:
        born = {"id": after.writer, "position": after.position, "head": after.head, "anchor": 0, "anchor_head": EMPTY}
        return [Insert("writers", born), *_COUNTED]
    where = (equal("id", before.writer), equal("position", before.position), equal("head", before.head))
    return [Update("writers", where, {"position": after.position, "head": after.head})]
