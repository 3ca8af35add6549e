"""Steps that changes of factors share: what ends with them, and who is told."""

from collections.abc import Sequence

from plexe_auth.bridge import M
from plexe_auth.model import recovery
from plexe_auth.rows import Change, Delete, Insert, Query, Row, equal
from plexe_auth.secret import Secret
from plexe_auth.service.posting import forgot
from plexe_auth.service.tickets import all_forgotten
from plexe_auth.service.user_base import UserService, sessions_ended


class FactorChange(UserService[M]):
    """What the parts of ``auth.mfa`` have in common."""

    def _ended(self, user_id: str, keep: str | None) -> tuple[Change, ...]:
        return (*all_forgotten(user_id), sessions_ended(user_id, self._now(), keep))

    def _told(self, user: Row, what: str) -> None:
        self._post(user["email"], lambda letters, links, to: letters.factor_changed(to, what, forgot(links)))

    async def _has_identity(self, user_id: str) -> bool:
        here = Query("identities", (equal("user_id", user_id),), ("id",), limit=1)
        return bool(await self._world.store.page(here))


def new_codes(user_id: str) -> tuple[tuple[Secret, ...], Sequence[Change]]:
    """Return ten new recovery codes, and the changes by which they take the place of the old ones."""
    codes = recovery.new_codes()
    names = (recovery.code_digest(user_id, recovery.canonical(one.reveal()) or "").hex() for one in codes)
    made = (Insert("recovery_codes", {"id": name, "user_id": user_id}) for name in names)
    return codes, (codes_gone(user_id), *made)


def codes_gone(user_id: str) -> Change:
    """Return the change that voids a user's recovery codes."""
    return Delete("recovery_codes", (equal("user_id", user_id),), several=True)
