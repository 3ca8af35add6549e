"""``auth.sign_in``: one funnel for everybody who signs in; no way around a budget, a check or the access log."""

from typing import NamedTuple

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, InvalidCredentials, InvalidRequest
from plexe_auth.model.challenge import Challenge
from plexe_auth.model.client import NOWHERE, Client, checked_client
from plexe_auth.model.email import address
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.note import Note
from plexe_auth.model.password import may_be_password
from plexe_auth.rows import Change, Row, Update, Value, equal
from plexe_auth.secret import Secret, digest
from plexe_auth.service.committing import commit
from plexe_auth.service.factors import kinds, use_of
from plexe_auth.service.letting_in import let_in
from plexe_auth.service.passkey_sign_in import PasskeySignIn
from plexe_auth.service.session_judging import FORMAT, alive
from plexe_auth.service.signed_in import SignedIn, signed_in
from plexe_auth.service.telling import refusals_told

_ATTEMPTS = 8
_NOBODY = "usr_"  # no id of ours; it is looked up where there is no user, so that both take as many steps


class Proven(NamedTuple):
    """Who has proven who they are, by what, what to set of their row, and what that used up."""

    user: Row
    method: str
    columns: dict[str, Value]
    used: tuple[Change, ...] = ()


class SignIn(PasskeySignIn[M]):
    """Signing in and out. Reached as ``auth.sign_in``."""

    @operation
    async def with_password(self, email: str, password: str, client: Client = NOWHERE) -> SignedIn | Challenge:
        """Begin a session for whoever knows the password, or challenge them where a second factor is due.

        A wrong password, an unknown address, a disabled user and one without a password are told alike, and take the
        same steps: one password hash in each case.

        Args:
            email: their address.
            password: as it was typed.
            client: where from; its address decides whose budget an attempt is counted in.

        Raises:
            InvalidCredentials: the two do not belong together, or are no address and no password.
            AccountSuspended: they do, and their account is suspended.
            RateLimitExceeded: there were too many attempts.
            InvalidRequest: `client` is no `Client`.
            Unavailable: the store does not answer; nobody was let in.

        Example:
            >>> from plexe_auth import Auth, Client
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     client = Client(ip="192.0.2.7")
            ...     result = auth.sign_in.with_password("Ada@example.com", "a long and lovely word", client=client)
            ...     auth.sessions.verify(result.token.reveal()).user_id == user.id
            True
        """
        typed = _typed(password)
        del password
        client = checked_client(client)
        canonical = _canonical(email)
        note = Note("session.sign_in", client=client)
        with refusals_told(self._world, note):
            if canonical is None:
                raise InvalidCredentials
            await self._attempts.begin(canonical, client.ip)
            user = await self._world.store.get("users", "canonical", canonical)
            await self._attempts.from_elsewhere(canonical, _NOBODY if user is None else user["id"], client.ip)
            proven, columns = await self._proven(user, typed)
            return await self._let_in(proven, columns, client, note)

    @operation
    async def reauthenticate(
        self,
        session_token: str,
        password: str | None = None,
        method: str | None = None,
        response: object = None,
        client: Client = NOWHERE,
    ) -> SignedIn:
        """Have whoever holds a session prove who they are once more: a new session takes the old one's place.

        It ends when the old one would have in any case.

        Args:
            session_token: as the cookie had it.
            password: as it was typed; or
            method: ``"totp"``, ``"passkey"`` or ``"recovery"``, with
            response: the code, or what the browser answered to `begin_passkey`; it is used up.
            client: where from.

        Raises:
            InvalidSession: there is none with this token, or it was ended.
            ExpiredSession: it has expired.
            InvalidCredentials: the password or the code is not that of the session's user.
            AccountSuspended: their account is suspended.
            RateLimitExceeded: there were too many attempts.
            Conflict: the user was changed meanwhile.
            Unavailable: the store does not answer. The old session goes on, or has been replaced.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     result = auth.sign_in.with_password("ada@example.com", "a long and lovely word")
            ...     again = auth.sign_in.reauthenticate(result.token.reveal(), "a long and lovely word")
            ...     again.session.id == result.session.id, again.session.expires_at == result.session.expires_at
            (False, True)
        """
        held, typed = Secret(session_token if FORMAT.accepts(session_token) else ""), _typed(password)
        del session_token, password
        client = checked_client(client)
        note = Note("session.reauthenticate", client=client)
        with refusals_told(self._world, note):
            row = await alive(self._world, held.reveal())
            proven = await (
                self._by_password(row, typed, client) if method is None else self._by_factor(row, method, response)
            )
            ended = {"revoked_at": to_microseconds(self._world.now())}
            old = Update("sessions", (equal("id", row["id"]), equal("revoked_at", None)), ended)
            shown = tuple(dict.fromkeys((*row["methods"].split(), proven.method)))
            return await signed_in(
                self._world,
                proven.user,
                shown,
                client,
                note,
                columns=proven.columns,
                more=(*proven.used, old),
                until=row["expires_at"],
                effect="narrowed",
            )

    @operation
    async def out(self, session_token: str) -> None:
        """End the session. When this has returned, no process accepts it. One that is over is no error.

        Raises:
            Unavailable: the store does not answer. It may be ended or not; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     result = auth.sign_in.with_password("ada@example.com", "a long and lovely word")
            ...     auth.sign_in.out(result.token.reveal())
            ...     auth.sessions.page(user.id).items
            ()
        """
        name = digest(session_token.encode()) if FORMAT.accepts(session_token) else None
        del session_token
        row = None if name is None else await self._world.store.get("sessions", "digest", name)
        if row is None:
            return
        note = Note("session.sign_out", row["account_id"], user_id=row["user_id"], session_id=row["id"])
        ended = {"revoked_at": to_microseconds(self._world.now())}
        over = Update("sessions", (equal("id", row["id"]), equal("revoked_at", None)), ended, several=True)
        with refusals_told(self._world, note):
            await commit(self._world, over, notes=[note], effect="narrowed", on=(self._world.session_epoch,))

    async def _by_password(self, row: Row, typed: Secret, client: Client) -> Proven:
        canonical = row["user"]["canonical"]
        await self._attempts.begin(canonical, client.ip)
        await self._attempts.from_elsewhere(canonical, row["user_id"], client.ip)
        user, columns = await self._proven(row["user"], typed)
        return Proven(user, "password", columns)

    async def _by_factor(self, row: Row, method: str, response: object) -> Proven:
        await self._attempts.factor(row["user_id"])
        factors = await kinds(self._world, row["user_id"])
        answer = response.reveal() if isinstance(response, Secret) else response
        is_one = method in ("totp", "passkey", "recovery")  # what has a session may not ask for a code by mail
        use = await use_of(self._world, row["user_id"], factors, row, method, answer) if is_one else None
        if use is None:
            raise InvalidCredentials
        return Proven(row["user"], method, {}, (use,))

    async def _proven(self, user: Row | None, typed: Secret) -> tuple[Row, dict[str, Value]]:
        """Return the user's row if the password is theirs, and what to set of it; in any case one hash is computed."""
        stored = None if user is None or user["disabled_at"] is not None else user["password"]
        verdict = await self._world.hasher.verified(typed.reveal(), stored)
        if user is None or stored is None or not verdict.matches:
            raise InvalidCredentials
        return user, {} if verdict.newer is None else {"password": verdict.newer}

    async def _let_in(self, user: Row, columns: dict[str, Value], client: Client, note: Note) -> SignedIn | Challenge:
        for _ in range(_ATTEMPTS):
            try:
                return await let_in(self._world, user, ("password",), client, note, columns=columns)
            except Conflict:
                # Somebody changed the user just now. What was proven holds only for the same password.
                now = await self._world.store.get("users", "id", user["id"])
                if now is None or now["disabled_at"] is not None or now["password"] != user["password"]:
                    raise InvalidCredentials from None
                user = now
        raise Conflict


def _typed(password: object) -> Secret:
    return Secret(password if may_be_password(password) else "")


def _canonical(email: object) -> str | None:
    try:
        return address(email).canonical
    except InvalidRequest:
        return None
