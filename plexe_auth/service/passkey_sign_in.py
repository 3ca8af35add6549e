"""Signing in by a passkey, with no name and no password; and asking for one where a challenge or session wants it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, InvalidCredentials
from plexe_auth.model.challenge import FORMAT as CHALLENGE
from plexe_auth.model.challenge import Challenge
from plexe_auth.model.client import NOWHERE, Client, checked_client
from plexe_auth.model.note import Note
from plexe_auth.model.token import KeyFormat
from plexe_auth.passkeys import REFUSED
from plexe_auth.rows import Row
from plexe_auth.secret import Secret, digest
from plexe_auth.service.ceremony import Ceremonies
from plexe_auth.service.demanded_factor import DemandedFactor
from plexe_auth.service.factors import kinds
from plexe_auth.service.letting_in import let_in
from plexe_auth.service.second_factor import held_by
from plexe_auth.service.session_judging import alive
from plexe_auth.service.signed_in import SignedIn
from plexe_auth.service.telling import refusals_told
from plexe_auth.world import World

FORMAT = KeyFormat("plx_ceremony_")


@dataclass(frozen=True, slots=True)
class PasskeyRequest:
    """What a browser is asked for.

    Attributes:
        token: what has to come back with its answer, from a cookie that is ``Secure``, ``HttpOnly`` and ``Strict``. For
            a challenge or a session it is the token of that.
        options: what its page gives to ``navigator.credentials.get()``, by way of
            ``PublicKeyCredential.parseRequestOptionsFromJSON()``.
    """

    token: Secret
    options: Mapping[str, Any] = field(repr=False)


class PasskeySignIn(DemandedFactor[M]):
    """Signing in by passkeys."""

    def __init__(self, world: World, mode: type[M]) -> None:
        super().__init__(world, mode)
        self._ceremonies = Ceremonies(world)

    @operation
    async def begin_passkey(self, token: str | None = None, client: Client = NOWHERE) -> PasskeyRequest:
        """Begin asking for a passkey, and return what the browser has to be asked (W3C Web Authentication, 7.2).

        The answer has to come within five minutes, and only what was asked last counts.

        Args:
            token: that of the challenge or the session that is to be answered by a passkey; ``None`` for somebody of
                whom nothing is known: their browser finds the passkey.
            client: where from; so many are begun for one network.

        Raises:
            InvalidCredentials: the challenge is not good any more, or its person has no passkey.
            InvalidSession, ExpiredSession, AccountSuspended: the session cannot be used.
            RateLimitExceeded: too many were begun.
            InvalidRequest: `client` is no `Client`.
            ConfigurationError: the extra ``passkeys`` is not installed, or the base URL is that of no domain.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.sign_in.begin_passkey().options["rpId"]
            'localhost'
        """
        held, is_known = Secret(token if isinstance(token, str) else ""), token is not None
        del token
        client = checked_client(client)
        if not is_known:
            await self._attempts.network(client.ip)
            held = FORMAT.make()
            return PasskeyRequest(held, await self._ceremonies.begin(_whose(held)))
        whose, user_id = await self._asked(held)
        known = (await kinds(self._world, user_id)).get("passkey", ())
        if not known:
            raise InvalidCredentials(REFUSED)
        return PasskeyRequest(held, await self._ceremonies.begin(whose, user_id, known))

    @operation
    async def with_passkey(self, token: str, response: object, client: Client = NOWHERE) -> SignedIn | Challenge:
        """Begin a session for whoever's passkey has signed, or challenge them where another factor is due.

        Another one is due where they have one beside their passkeys, or where their account demands two, unless
        ``Settings.passkey_alone`` is set.

        Args:
            token: what `begin_passkey` gave, as this browser brought it.
            response: the browser's ``PublicKeyCredential.toJSON()``, as a text or as read from JSON.
            client: where from.

        Raises:
            InvalidCredentials: anything at all is wrong with the response, it answers nothing that was asked of this
                browser, or its user may not sign in.
            AccountSuspended: their account is suspended.
            RateLimitExceeded: there were too many attempts.
            InvalidRequest: `client` is no `Client`.
            Unavailable: the store does not answer; nobody was let in.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     asked = auth.sign_in.begin_passkey()
            ...     auth.sign_in.with_passkey(asked.token.reveal(), {"id": "what no browser says"})
            Traceback (most recent call last):
            ...
            plexe_auth.errors.InvalidCredentials: The passkey was not accepted.
        """
        held, client = Secret(token if FORMAT.accepts(token) else ""), checked_client(client)
        del token
        note = Note("session.sign_in", client=client, detail="passkey")
        with refusals_told(self._world, note):
            await self._attempts.network(client.ip)
            row, use = await self._ceremonies.signed(_whose(held), response)
            user: Row | None = row["user"]
            if user is None or user["disabled_at"] is not None:
                raise InvalidCredentials(REFUSED)
            try:
                return await let_in(self._world, user, ("passkey",), client, note, more=(use,))
            except Conflict:
                raise InvalidCredentials(REFUSED) from None

    async def _asked(self, held: Secret) -> tuple[str, str]:
        if CHALLENGE.accepts(held.reveal()):
            row = await self._challenge(held_by(held.reveal()))
            return row["id"], row["user"]["id"]
        row = await alive(self._world, held.reveal())
        return row["id"], row["user_id"]


def _whose(held: Secret) -> str:
    return digest(held.reveal().encode()).hex()
