"""What a user may do, and whether they may do anything: whoever changes it has as much themselves, before and after."""

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict
from plexe_auth.model.note import Note, detail
from plexe_auth.model.principal import Principal
from plexe_auth.model.role import checked_role, permissions
from plexe_auth.model.user import User
from plexe_auth.rows import Change, Row, Update, Value, equal
from plexe_auth.service.authority import MANAGE_USERS, Authority, authority
from plexe_auth.service.telling import refusals_told
from plexe_auth.service.tickets import all_forgotten
from plexe_auth.service.user_base import sessions_ended
from plexe_auth.service.user_making import UserMaking


class UserStanding(UserMaking[M]):
    """Changing roles, disabling and enabling."""

    @operation
    async def change_role(self, user_id: str, role: str, by: Principal | None = None) -> User:
        """Give the user another role, which their sessions have from now on.

        Args:
            user_id: whose.
            role: ``"owner"``, ``"admin"``, ``"member"`` or ``"viewer"``.
            by: who asks; ``None`` is trusted code. They need ``users:manage``, and neither the role so far nor the new
                one may exceed what they have. Nobody changes themselves; so somebody always owns the account.

        Raises:
            NotFound: there is no such user, or not in the account of `by`.
            InvalidRequest: there is no such role.
            InsufficientPermissions: `by` may not manage users, or has less than one of the roles.
            Conflict: the user is `by` themselves; or one of both was changed meanwhile.
            AuthError: `by` was revoked or disabled, or has expired; as `verify` would tell it.
            TypeError: `by` is neither ``None`` nor a `Principal`.
            Unavailable: the store does not answer. It may be changed or not; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.users.change_role(user.id, "viewer").role
            'viewer'
        """
        return await self._stood("user.change_role", user_id, {"role": checked_role(role)}, by, role=role)

    @operation
    async def disable(self, user_id: str, by: Principal | None = None) -> User:
        """Let the user sign in no more, and end their sessions. Disabling twice keeps the first time.

        Args:
            user_id: whom.
            by: as for `change_role`.

        Raises:
            NotFound: there is no such user, or not in the account of `by`.
            InsufficientPermissions, Conflict, AuthError, TypeError: as for `change_role`.
            Unavailable: the store does not answer. They may be disabled or not; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.users.disable(user.id).status
            'disabled'
        """
        now = self._now()
        over = (*all_forgotten(user_id), sessions_ended(user_id, now))
        return await self._stood("user.disable", user_id, {"disabled_at": now}, by, over)

    @operation
    async def enable(self, user_id: str, by: Principal | None = None) -> User:
        """Let the user sign in again. Their old sessions stay ended.

        Args:
            user_id: whom.
            by: as for `change_role`.

        Raises:
            NotFound: there is no such user, or not in the account of `by`.
            InsufficientPermissions, Conflict, AuthError, TypeError: as for `change_role`.
            Unavailable: the store does not answer. They may be enabled or not; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     disabled = auth.users.disable(user.id)
            ...     auth.users.enable(user.id).status
            'active'
        """
        return await self._stood("user.enable", user_id, {"disabled_at": None}, by)

    async def _stood(
        self,
        action: str,
        user_id: str,
        columns: dict[str, Value],
        by: Principal | None,
        over: tuple[Change, ...] = (),
        role: str = "",
    ) -> User:
        row = await self._row(user_id)
        whose = getattr(by, "account_id", row["account_id"])
        with refusals_told(self._world, Note(action, whose, user_id=user_id, detail=_asked(by, role))):
            asker = await authority(self._world, by, MANAGE_USERS)
            _must_reach(asker, row, role)
        if columns.get("disabled_at") is not None and row["disabled_at"] is not None:
            columns = {"disabled_at": row["disabled_at"]}
        note = Note(action, row["account_id"], user_id=user_id, detail=detail(asker.id, role))
        return await self._change(row, columns, note, *over, *_still_there(asker))


def _asked(by: object, role: str) -> str | None:
    return detail(getattr(by, "id", None), role)


def _must_reach(asker: Authority, row: Row, role: str) -> None:
    asker.must_own(row["account_id"])
    if asker.user_id == row["id"]:
        raise Conflict("Nobody changes themselves; somebody else has to.")
    for one in filter(None, (row["role"], role)):
        asker.must_hold({"permissions": permissions(one)})


def _still_there(asker: Authority) -> tuple[Change, ...]:
    """Return the change that nothing comes of, unless the one who asks was disabled or got another role meanwhile.

    Without it, two owners who disable each other would both have their way, and nobody would own the account.
    """
    if asker.user_id is None or asker.role is None:
        return ()
    here = (equal("id", asker.user_id), equal("role", asker.role), equal("disabled_at", None))
    return (Update("users", here, {"role": asker.role}),)
