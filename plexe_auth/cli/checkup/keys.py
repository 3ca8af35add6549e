"""Keys that nobody would miss, or that could do harm for longer and in more ways than anybody needs."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from plexe_auth.auth import Auth
from plexe_auth.bridge import finish
from plexe_auth.cli.checkup.finding import Finding
from plexe_auth.model.entry import VERIFIED
from plexe_auth.model.key import APIKey, from_row, in_status
from plexe_auth.model.permission import READ_ONLY
from plexe_auth.rows import Query, Row

IDLE = timedelta(days=90)
_PAGE = 1000
_LOOKED_AT = 1000  # of a key's newest requests
_READING = {"GET", "HEAD", "OPTIONS"}
_SHOWN = 3


def of_keys(auth: Auth, idle: timedelta) -> Iterator[Finding]:
    """Give what is to be said of the keys that can be used now."""
    now = auth.world.now()
    found = list(_active(auth, now))
    endless = [key for key in found if key.expires_at is None and key.retires_at is None]
    unused = [key for key in found if (key.last_used_at or key.created_at) < now - idle]
    mighty = [key for key in found if key not in unused and _only_reads(auth, key)]
    yield _told("keys without end", endless, "never expire", "plexe-auth keys update ID --expires-in-days 90")
    days = idle.days
    yield _told("idle keys", unused, f"were not used for {days} days", "plexe-auth keys revoke ID")
    means = f"may write, and in their newest {_LOOKED_AT:,} requests only read"
    yield _told("keys that hold too much", mighty, means, "plexe-auth keys update ID --permissions read")


def _told(check: str, keys: Iterable[APIKey], means: str, to_do: str) -> Finding:
    ids = tuple(key.id for key in keys)
    if not ids:
        return Finding(check, "ok", "none")
    names = f"{', '.join(ids[:_SHOWN])}{' …' if len(ids) > _SHOWN else ''}"
    return Finding(check, "warn", f"{len(ids):,} that {means}: {names}", to_do, ids)


def _active(auth: Auth, now: datetime) -> Iterator[APIKey]:
    after: tuple[str] | None = None
    while rows := _rows(auth, Query("keys", in_status("active", now), ("id",), after, _PAGE)):
        yield from map(from_row, rows)
        after = (rows[-1]["id"],)


def _rows(auth: Auth, query: Query) -> list[Row]:
    return list(finish(auth.world.store.page(query)))


def _only_reads(auth: Auth, key: APIKey) -> bool:
    """Tell whether a key that may do more only reads, as far as the access log knows what it does."""
    if key.permissions <= READ_ONLY:
        return False
    used = auth.log.page(key_id=key.id, action=VERIFIED, outcome="allowed", limit=_LOOKED_AT).items
    return bool(used) and {entry.method for entry in used} <= _READING
