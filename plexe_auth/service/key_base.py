"""Steps that operations on keys share: finding a key that one may touch, and changing it without a lost update."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from plexe_auth.bridge import M, Service
from plexe_auth.errors import AccountSuspended, Conflict, InvalidRequest, NotFound
from plexe_auth.http_errors import PreconditionFailed
from plexe_auth.identifier import is_id
from plexe_auth.model import account
from plexe_auth.model.key import APIKey, from_row
from plexe_auth.model.note import Note, detail
from plexe_auth.model.text import may_be_id
from plexe_auth.model.token import KeyDigests, KeyFormat
from plexe_auth.rows import Add, Condition, Insert, Row, Update, Value, equal
from plexe_auth.secret import chance
from plexe_auth.service.authority import Authority
from plexe_auth.service.committing import Effect, commit
from plexe_auth.service.judging import Judge
from plexe_auth.service.key_rows import KeyRows
from plexe_auth.service.telling import refusals_told, told
from plexe_auth.world import World

_ATTEMPTS = 64
_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 1.0  # seconds; many who meet on a slow database have to spread that far


@dataclass(frozen=True, slots=True)
class Step:
    """What a decision comes to: columns to set on the key, and rows to add in the same commit.

    Unless it `overrides`, it is made only if the key is still as it was when the decision was taken; a step that
    overrides needs no more than that the key was not revoked meanwhile. The `effect` is that on the key; where there
    is nothing to do, somebody else may have narrowed it, and not be done yet.
    """

    columns: Mapping[str, Value]
    inserts: tuple[Insert, ...] = ()
    overrides: bool = False
    effect: Effect = "none"


class KeyService(Service[M]):
    """What the parts of ``auth.keys`` have in common."""

    def __init__(self, world: World, mode: type[M]) -> None:
        super().__init__(mode)
        self._world = world
        self._store = world.store
        self._rows = KeyRows(world)
        self._format = KeyFormat(world.settings.key_prefix)
        self._digests = KeyDigests(world.settings.peppers)
        self._judge = Judge(world)

    async def _row(self, key_id: str, asker: Authority) -> Row:
        if not isinstance(key_id, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
            raise InvalidRequest("key_id must be a text.", field="key_id")
        row = await self._store.get("keys", "id", key_id, along=("account",)) if may_be_id(key_id) else None
        if row is None:
            raise NotFound
        asker.must_own(row["account_id"])
        return row

    async def _change(
        self,
        key_id: str,
        asker: Authority,
        decide: Callable[[APIKey, Row], Step],
        action: str,
        reason: str = "",
        version: int | None = None,
    ) -> APIKey:
        for attempt in range(_ATTEMPTS):
            row = await self._row(key_id, asker)
            if version not in (None, row["version"]):
                raise PreconditionFailed
            step = decide(from_row(row), row)
            note = Note(action, row["account_id"], key_id, detail=detail(asker.id, reason))
            if not step.columns:
                await self._outlived(step)
                told(self._world, note)
                return from_row(row)
            try:
                await commit(self._world, _update(row, step, version), *step.inserts, effect=step.effect, notes=[note])
            except Conflict:
                # Somebody else changed it first: decide again on what it is now, and not all at the same time.
                await self._world.pause(_pause(attempt))
                continue
            return from_row({**row, **step.columns, "version": row["version"] + 1})
        raise Conflict

    def _refusals_told(
        self, action: str, by: object, *, account_id: object = None, key_id: object = None
    ) -> AbstractContextManager[None]:
        whose = account_id if type(account_id) is str else None
        # What has not the form of an id may be a key that somebody took for one.
        which = key_id if isinstance(key_id, str) and is_id("key", key_id) else None
        return refusals_told(self._world, Note(action, whose, which, detail=detail(getattr(by, "id", None))))

    async def _outlived(self, step: Step) -> None:
        if step.effect == "narrowed":
            await self._world.epoch.outlived()

    async def _active(self, account_id: str) -> None:
        refuse_suspended(account_id, await self._store.get("accounts", "id", account_id))


def _pause(attempt: int) -> float:
    return chance() * min(_FIRST_PAUSE * (1 << min(attempt, 10)), _LONGEST_PAUSE)


def refuse_suspended(account_id: str, row: Row | None) -> None:
    """Refuse what a suspended account may not: to have a key made, or to let anybody in."""
    if account.from_row(account_id, row).status != "active":
        raise AccountSuspended


def _update(row: Row, step: Step, version: int | None) -> Update:
    overrides = step.overrides and version is None
    unchanged: Condition = equal("revoked_at", None) if overrides else equal("version", row["version"])
    return Update("keys", (equal("id", row["id"]), unchanged), {**step.columns, "version": Add(1)})
