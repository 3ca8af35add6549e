"""Acting in somebody's name: their standing is looked up afresh, and nothing they make exceeds what they have."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from plexe_auth.errors import InsufficientPermissions, InvalidKey, InvalidSession, NotFound
from plexe_auth.model import session
from plexe_auth.model.principal import Principal
from plexe_auth.model.role import permissions
from plexe_auth.model.terms import Terms
from plexe_auth.model.text import may_be_id
from plexe_auth.model.verdict import STANDING, Case, refusal
from plexe_auth.world import World

MANAGE, MANAGE_USERS = "keys:manage", "users:manage"


@dataclass(frozen=True, slots=True)
class Authority:
    """What the one who asks may do. Trusted code has no bounds and belongs to no account; others have an `id`.

    Where a person asks, `user_id`, `name` and `role` say who it is.
    """

    account_id: str | None = None
    terms: Terms | None = None
    id: str | None = None
    user_id: str | None = None
    name: str = ""
    role: str | None = None

    def must_own(self, account_id: str, refused: type[NotFound | InsufficientPermissions] = NotFound) -> None:
        """Refuse to touch another account; by default as if the thing did not exist."""
        if self.account_id is not None and self.account_id != account_id:
            raise refused

    def bounded(self, asked: Terms) -> Terms:
        """Return the terms asked for, with our own bounds where none were asked for.

        Raises:
            InsufficientPermissions: something asked for exceeds what we have.
        """
        return asked if self.terms is None else self._granted(asked.inheriting(self.terms))

    def must_cover(self, terms: Terms) -> None:
        """Refuse terms that exceed our own."""
        if self.terms is not None:
            self._granted(terms)

    def must_hold(self, named: Mapping[str, Any]) -> None:
        """Refuse any single value, by the name of its field in `Terms`, that exceeds our own."""
        if self.terms is not None:
            self._granted(replace(self.terms, **named))

    def must_allow(self, before: Terms, after: Terms) -> None:
        """Refuse to widen a key's terms in anything, unless they stay within our own in everything.

        Otherwise one who ends tomorrow could hand what they may do to a key that never ends.
        """
        if after.excess(before):
            self.must_cover(after)

    def _granted(self, terms: Terms) -> Terms:
        if self.terms is not None and (excess := terms.excess(self.terms)):
            raise InsufficientPermissions(f"More was asked for than the credential that asks has itself: {excess}.")
        return terms


TRUSTED = Authority()


async def authority(world: World, by: Principal | None, needs: str = MANAGE) -> Authority:
    """Return what `by` may do now, as the store knows it and not as it was when it was verified.

    Args:
        world: where it is looked up.
        by: who asks; ``None`` is trusted code.
        needs: the permission without which it may do nothing here.

    Raises:
        TypeError: `by` is neither ``None`` nor a principal.
        AuthError: it was revoked, disabled or suspended, has expired, or does not hold `needs`.
    """
    if by is None:
        return TRUSTED
    if not isinstance(by, Principal):  # pyright: ignore[reportUnnecessaryIsInstance]  # None alone means trusted
        raise TypeError("by must be a Principal, or None for trusted code")
    found = await (_of_session(world, by) if by.kind == "session" else _of_key(world, by))
    if not found.terms.permissions.covers(needs):
        raise InsufficientPermissions
    return Authority(*found)


class Standing(NamedTuple):
    """Whose account somebody acts in, what they have, and which person it is, if it is one."""

    account_id: str
    terms: Terms
    id: str
    user_id: str | None = None
    name: str = ""
    role: str | None = None


async def _of_session(world: World, by: Principal) -> Standing:
    row = await world.store.get("sessions", "id", by.id, along=("user", "account")) if may_be_id(by.id) else None
    if row is None:
        raise InvalidSession
    if refused := session.refusal(row, world.now(), passkey_alone=world.settings.passkey_alone):
        raise refused
    # A key that a person makes outlives their session; what bounds it is what they may do themselves.
    user = row["user"]
    terms = Terms(permissions(user["role"]), None, (), None)
    return Standing(row["account_id"], terms, row["id"], user["id"], user["name"], user["role"])


async def _of_key(world: World, by: Principal) -> Standing:
    row = await world.store.get("keys", "id", by.id, along=("account",)) if may_be_id(by.id) else None
    if row is None:
        raise InvalidKey
    case = Case.of(row, world.now())
    if refused := refusal(case, STANDING):
        raise refused
    return Standing(case.key.account_id, case.key.terms, case.key.id)
