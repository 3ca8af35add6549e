"""``auth.users``: people are made, found, disabled and removed; whoever may sign in no more is signed out as well."""

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, InvalidCredentials, NotFound
from plexe_auth.model.email import address
from plexe_auth.model.note import Note
from plexe_auth.model.text import LONGEST_ID, checked
from plexe_auth.model.user import User, from_row
from plexe_auth.rows import Delete, Query, equal
from plexe_auth.secret import Secret
from plexe_auth.service.committing import commit
from plexe_auth.service.page import Page, checked_limit, cursor, position
from plexe_auth.service.posting import forgot, post
from plexe_auth.service.telling import refusals_told
from plexe_auth.service.tickets import all_forgotten
from plexe_auth.service.user_base import sessions_ended
from plexe_auth.service.user_standing import UserStanding

_MOST = 200


class Users(UserStanding[M]):
    """The people who sign in. Reached as ``auth.users``."""

    @operation
    async def get(self, user_id: str) -> User:
        """Return the user with this id.

        Raises:
            NotFound: there is none.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.users.get(user.id) == user
            True
        """
        return from_row(await self._row(user_id))

    @operation
    async def find(self, email: str) -> User:
        """Return the user with this address, in whatever case it is written.

        Raises:
            NotFound: there is none.
            InvalidRequest: `email` is no address.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.users.find("ADA@example.com") == user
            True
        """
        row = await self._world.store.get("users", "canonical", address(email).canonical)
        if row is None:
            raise NotFound
        return from_row(row)

    @operation
    async def page(self, account_id: str | None = None, after: str | None = None, limit: int = 50) -> Page[User]:
        """Return an account's users, newest first.

        Args:
            account_id: whose; ``None`` is everybody's.
            after: the ``next`` of the page before; ``None`` begins with the newest.
            limit: at most so many, 1 to 200.

        Raises:
            InvalidRequest: an argument is not acceptable; ``field`` names it.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     [one.email for one in auth.users.page(user.account_id)]
            ['ada@example.com']
        """
        checked_limit(limit, _MOST)
        here = () if account_id is None else (equal("account_id", checked("account_id", account_id, LONGEST_ID)),)
        rows = await self._world.store.page(Query("users", here, ("created_at", "id"), position(after), limit + 1))
        last = cursor(rows[limit - 1]["created_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
        return Page(tuple(map(from_row, rows[:limit])), last)

    @operation
    async def change_password(self, user_id: str, old: str, new: str, keep: str | None = None) -> User:
        """Give the user another password, and end their sessions but the one that is to be kept.

        Args:
            user_id: whose.
            old: their password until now.
            new: at least 15 characters, 8 with a second factor, at most 1,024 bytes, and not a common one.
            keep: the id of the session that asks, which goes on.

        Raises:
            InvalidCredentials: `old` is not their password.
            RateLimitExceeded: more than 20 attempts within an hour, good ones among them.
            NotFound: there is no such user.
            InvalidRequest: `new` is not acceptable.
            Conflict: the user was changed meanwhile.
            Unavailable: the store does not answer. It may be changed or not.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     changed = auth.users.change_password(user.id, "a long and lovely word", "another lovely word")
            ...     auth.sign_in.with_password("ada@example.com", "another lovely word").user.id == user.id
            True
        """
        given = Secret(new)
        del new
        row = await self._row(user_id)
        note = Note("user.change_password", row["account_id"], user_id=user_id, session_id=keep)
        with refusals_told(self._world, note):
            await self._attempts.change(user_id)
            if not (await self._world.hasher.verified(old, row["password"])).matches:
                raise InvalidCredentials
            del old
            alone = await self._is_only_factor(user_id)
            secret = await self._checked(given, address(row["email"]), row["name"], only_factor=alone)
            hashed = await self._world.hasher.hash(secret.reveal())
            over = (*all_forgotten(user_id), sessions_ended(user_id, self._now(), keep))
            changed = await self._change(row, {"password": hashed}, note, *over)
        post(self._world, lambda letters, links: letters.password_changed(changed.email, forgot(links)))
        return changed

    @operation
    async def delete(self, user_id: str) -> None:
        """Remove the user and their sessions. What the access log tells of them stays.

        Raises:
            NotFound: there is no such user.
            Unavailable: the store does not answer. They may be removed or not; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.users.delete(user.id)
            ...     auth.users.page(user.account_id).items
            ()
        """
        row = await self._row(user_id)
        note = Note("user.delete", row["account_id"], user_id=user_id)
        theirs = (equal("user_id", user_id),)
        tables = ("sessions", "identities", "factors", "passkeys", "recovery_codes")
        gone = (
            Delete("users", (equal("id", user_id),)),
            *(Delete(table, theirs, several=True) for table in tables),
        )
        with refusals_told(self._world, note):
            try:
                over = (*gone, *all_forgotten(user_id))
                await commit(self._world, *over, notes=[note], effect="narrowed", on=self._epochs)
            except Conflict:
                raise NotFound from None
