"""``auth.sessions``: sessions are verified, listed and ended; signing in is what makes them."""

from collections.abc import Callable, Coroutine
from typing import Any

from plexe_auth.bridge import M, Service, Sync, finish, operation
from plexe_auth.errors import InvalidRequest, NotFound
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.note import Note
from plexe_auth.model.permission import pair
from plexe_auth.model.principal import Principal
from plexe_auth.model.session import Session, from_row
from plexe_auth.model.text import may_be_id
from plexe_auth.rows import Change, Compare, Query, Row, Update, equal
from plexe_auth.service.committing import commit
from plexe_auth.service.finding import by_id
from plexe_auth.service.judging import NO_TEXT, Question
from plexe_auth.service.page import Page, checked_limit, cursor, position
from plexe_auth.service.session_judging import SessionJudge
from plexe_auth.service.telling import place, quoted, refusals_told
from plexe_auth.service.user_base import sessions_ended
from plexe_auth.world import World

_MOST = 200


class Sessions(Service[M]):
    """The sessions of people who have signed in. Reached as ``auth.sessions``."""

    def __init__(self, world: World, mode: type[M]) -> None:
        super().__init__(mode)
        self._world = world
        self._judge = SessionJudge(world)

    @operation
    async def verify(
        self, token: str, permission: str | None = None, ip: str | None = None, fresh: bool = False
    ) -> Principal:
        """Return whom the session acts for, if it may be used now and for this permission.

        A good session is remembered for a while, and then it is no read at all; else it is one indexed read, and now
        and then a write that puts off its idling.

        Args:
            token: as the cookie had it.
            permission: what the request needs, such as ``models:read``; ``None`` asks for a good session alone.
            ip: the client's address, for the access log. A session is not bound to it: people move.
            fresh: ask the store itself, whatever this process remembers.

        Raises:
            InvalidSession: there is none with this token, or it was ended, or its user was disabled.
            ExpiredSession: it was idle for too long, or has reached its greatest age.
            AccountSuspended: its account is suspended.
            InsufficientPermissions: its user's role lacks `permission`.
            InvalidRequest: `permission` is not one permission, `ip` no text, or `fresh` neither true nor false.
            Unavailable: the store does not answer; nothing was decided.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     result = auth.sign_in.with_password("ada@example.com", "a long and lovely word")
            ...     auth.sessions.verify(result.token.reveal(), permission="models:read").user_id == user.id
            True
        """
        shown = self._judge.shown(token)
        del token
        if permission is not None:
            pair(permission)
        if not (ip is None or isinstance(ip, str)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidRequest("ip must be a text.", field="ip")
        if not isinstance(fresh, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidRequest("fresh must be true or false.", field="fresh")
        needed = () if permission is None else (permission,)
        return (await self._judge.judged(shown, Question(needed, ip, place(ip), fresh=fresh)))[0]

    @verify.faces
    def _at_once(self, body: Callable[..., Coroutine[Any, Any, Principal]]) -> Callable[..., Any]:
        recalled, encoded = self._judge.recalled, str.encode

        def plainly(token: str, permission: str | None = None, ip: str | None = None, fresh: bool = False) -> Principal:
            try:
                try:
                    where = "" if ip is None else f",{quoted(ip)}"
                    principal = recalled(encoded(token), permission, where) if fresh is False else None
                except NO_TEXT:
                    principal = None
                if principal is not None:
                    return principal
                coroutine = body(token, permission, ip, fresh)
            finally:
                del token  # it must not stand in this frame when something goes wrong
            return finish(coroutine)

        async def awaited(
            token: str, permission: str | None = None, ip: str | None = None, fresh: bool = False
        ) -> Principal:
            try:
                try:
                    where = "" if ip is None else f",{quoted(ip)}"
                    principal = recalled(encoded(token), permission, where) if fresh is False else None
                except NO_TEXT:
                    principal = None
                if principal is not None:
                    return principal
                coroutine = body(token, permission, ip, fresh)
            finally:
                del token
            return await coroutine

        return plainly if self.mode is Sync else awaited

    @operation
    async def page(self, user_id: str, after: str | None = None, limit: int = 50) -> Page[Session]:
        """Return a user's sessions that can still be used, newest first.

        Args:
            user_id: whose.
            after: the ``next`` of the page before; ``None`` begins with the newest.
            limit: at most so many, 1 to 200.

        Raises:
            NotFound: there is no such user.
            InvalidRequest: an argument is not acceptable; ``field`` names it.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     result = auth.sign_in.with_password("ada@example.com", "a long and lovely word")
            ...     [one.id for one in auth.sessions.page(user.id)] == [result.session.id]
            True
        """
        checked_limit(limit, _MOST)
        now = to_microseconds(self._world.now())
        alive = (equal("revoked_at", None), Compare("idles_at", ">", now), Compare("expires_at", ">", now))
        where = (equal("user_id", user_id), *alive)
        query = Query("sessions", where, ("created_at", "id"), position(after), limit + 1)
        rows = await self._world.store.page(query) if may_be_id(user_id) else ()
        if not rows:
            await self._user(user_id)  # who has one, is there
        last = cursor(rows[limit - 1]["created_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
        return Page(tuple(map(from_row, rows[:limit])), last)

    @operation
    async def revoke(self, session_id: str, user_id: str | None = None) -> Session:
        """End the session, and return it. When this has returned, no process accepts it. Ending it twice is no error.

        Args:
            session_id: the session.
            user_id: whose it has to be; ``None`` where the caller has looked already.

        Raises:
            NotFound: there is no such session, or it is somebody else's.
            Unavailable: the store does not answer. It may be ended or not; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     result = auth.sign_in.with_password("ada@example.com", "a long and lovely word")
            ...     auth.sessions.revoke(result.session.id).revoked_at is None
            False
        """
        row = await self._row(session_id)
        if user_id is not None and row["user_id"] != user_id:
            raise NotFound
        note = Note("session.revoke", row["account_id"], user_id=row["user_id"], session_id=row["id"])
        ended = {"revoked_at": to_microseconds(self._world.now())}
        standing = (equal("id", session_id), equal("revoked_at", None))
        await self._ended(Update("sessions", standing, ended, several=True), note)
        return from_row(await self._row(session_id))

    @operation
    async def revoke_all(self, user_id: str, keep: str | None = None) -> int:
        """End all sessions of a user, and return how many that were.

        Args:
            user_id: whose.
            keep: the id of one that goes on.

        Raises:
            NotFound: there is no such user.
            InvalidRequest: `keep` is no text.
            Unavailable: the store does not answer. Some may be ended; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     result = auth.sign_in.with_password("ada@example.com", "a long and lovely word")
            ...     auth.sessions.revoke_all(user.id)
            1
        """
        if not (keep is None or isinstance(keep, str)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidRequest("keep must be a text.", field="keep")
        user = await self._user(user_id)
        kept = keep if may_be_id(keep) else None
        note = Note("session.revoke_all", user["account_id"], user_id=user_id)
        return await self._ended(sessions_ended(user_id, to_microseconds(self._world.now()), kept), note)

    async def _ended(self, change: Change, note: Note) -> int:
        with refusals_told(self._world, note):
            on = (self._world.session_epoch,)
            return (await commit(self._world, change, notes=[note], effect="narrowed", on=on))[0]

    async def _row(self, session_id: str) -> Row:
        found = await by_id(self._world, "sessions", session_id)
        if found is None:
            raise NotFound
        return found

    async def _user(self, user_id: str) -> Row:
        found = await by_id(self._world, "users", user_id)
        if found is None:
            raise NotFound
        return found
