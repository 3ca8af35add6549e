"""``auth.oauth``: people sign in at a provider; nobody is linked to an address that both sides have not verified."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, InvalidCredentials, InvalidRequest, NotFound
from plexe_auth.identifier import new_id
from plexe_auth.model.challenge import Challenge
from plexe_auth.model.client import NOWHERE, Client, checked_client
from plexe_auth.model.email import Address, address
from plexe_auth.model.identity import LinkedIdentity, from_row, new_row, place
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.note import Note
from plexe_auth.model.provider import Provider, known_as
from plexe_auth.model.user import new_row as new_user
from plexe_auth.rows import Delete, Insert, Query, Row, Value, equal
from plexe_auth.service.committing import commit
from plexe_auth.service.factors import kinds
from plexe_auth.service.letting_in import let_in
from plexe_auth.service.posting import forgot
from plexe_auth.service.signed_in import SignedIn
from plexe_auth.service.telling import refusals_told
from plexe_auth.service.user_base import UserService
from plexe_auth.world import World

if TYPE_CHECKING:
    from plexe_auth.model.claims import Identity
    from plexe_auth.service.provider_flow import ProviderFlow

_MOST = 50
_REFUSED = "This sign-in opens no account here."  # which of the reasons it is, is not told


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where to send a browser.

    Attributes:
        url: the provider's page.
        state_cookie: what the browser has to bring back, in a cookie that is ``Secure``, ``HttpOnly`` and ``Lax``.
    """

    url: str = field(repr=False)
    state_cookie: str = field(repr=False)


class OAuth(UserService[M]):
    """Signing in at providers. Reached as ``auth.oauth``."""

    def __init__(self, world: World, mode: type[M]) -> None:
        super().__init__(world, mode)
        self._opened: ProviderFlow | None = None

    @operation
    async def begin(
        self,
        provider: str,
        redirect_uri: str,
        next: str = "/",  # noqa: A002 - as the field of the page is called
        extra: Mapping[str, str] | None = None,
        user_id: str | None = None,
    ) -> Redirect:
        """Begin signing in at a provider: authorization code, PKCE, state and nonce (RFC 6749, RFC 7636, RFC 9700).

        Args:
            provider: its name, as in ``Settings.oauth``.
            redirect_uri: where it sends the browser back to; take it from your configuration, never from a request.
            next: the path of yours to go on to afterwards; whatever is none becomes ``/``.
            extra: parameters such as ``login_hint``; none can take the place of ours.
            user_id: who is signed in, where they shall be linked (`link`) and not signed in (`complete`). What was
                begun for one is no answer for the other, nor for anybody else.

        Raises:
            NotFound: there is no such provider or user.
            InvalidRequest: `redirect_uri` or `extra` is not acceptable.
            ConfigurationError: ``Settings.secret_keys`` is empty, or an extra is not installed.
            Unavailable: the provider does not answer.

        Example:
            >>> from plexe_auth import Auth, Settings
            >>> from plexe_auth.model.provider import github
            >>> settings = Settings(oauth=(github("id", "secret"),), secret_keys=("correct horse battery staple",))
            >>> with Auth.open("memory://", settings=settings) as auth:
            ...     auth.oauth.begin("github", redirect_uri="https://app.example.com/callback").url.partition("?")[0]
            'https://github.com/login/oauth/authorize'
        """
        found = self._flow.provider(provider)
        whose = "" if user_id is None else (await self._row(user_id))["id"]
        return Redirect(*await self._flow.begun(found, redirect_uri, next, extra, whose))

    @operation
    async def complete(
        self, provider: str, state_cookie: str, query: object, client: Client = NOWHERE
    ) -> SignedIn | Challenge:
        """Begin the session of whoever comes back from a provider, or challenge them where a second factor is due.

        Whoever comes for the first time becomes a user if the provider has verified their address and nobody has it
        here; where somebody has it and has proven it here as well, the two are linked, and they are told by mail.

        Args:
            provider: the one whose callback was called.
            state_cookie: what `begin` gave, as this browser brought it.
            query: the callback's query: the text, or a mapping.
            client: where from.

        Raises:
            NotFound: there is no such provider.
            InvalidRequest: the callback answers no flow of this browser, or one that is over or used.
            InvalidCredentials: the person or the provider refused, what it says is not to be believed, or it opens no
                account here.
            ConfigurationError: as for `begin`.
            Unavailable: the provider or the store does not answer; nobody was let in.

        Example:
            >>> from plexe_auth import Auth, Settings
            >>> from plexe_auth.model.provider import github
            >>> settings = Settings(oauth=(github("id", "secret"),), secret_keys=("correct horse battery staple",))
            >>> with Auth.open("memory://", settings=settings) as auth:
            ...     begun = auth.oauth.begin("github", redirect_uri="https://app.example.com/callback")
            ...     auth.oauth.complete("github", state_cookie=begun.state_cookie, query="code=x&state=forged")
            Traceback (most recent call last):
            ...
            plexe_auth.errors.InvalidRequest: This sign-in was not begun in this browser, or is over. Please begin anew.
        """
        found, client = self._flow.provider(provider), checked_client(client)
        note = Note("session.sign_in", client=client, detail=self._flow.told(found, query))
        with refusals_told(self._world, note):
            flow = self._flow.opened(state_cookie)
            identity = await self._flow.identity(found, flow, query)
            del query, state_cookie
            try:
                result = await let_in(self._world, await self._whose(found, identity), ("oauth",), client, note)
            except Conflict:
                raise InvalidCredentials(_REFUSED) from None
            return replace(result, next=flow.next)

    @operation
    async def link(self, user_id: str, provider: str, state_cookie: str, query: object) -> LinkedIdentity:
        """Link whoever comes back from a provider to a user who is signed in. Ask for a recent proof before that.

        They are told by mail, as they are by `unlink`.

        Args:
            user_id: who is signed in: the one with whom `begin` was called.
            provider: the one whose callback was called.
            state_cookie: what `begin` gave, as this browser brought it.
            query: the callback's query: the text, or a mapping.

        Raises:
            NotFound: there is no such user or provider.
            Conflict: this identity is linked to somebody.
            InvalidRequest, InvalidCredentials, ConfigurationError, Unavailable: as for `complete`.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.oauth.link("usr_nobody", "github", state_cookie="", query="")
            Traceback (most recent call last):
            ...
            plexe_auth.errors.NotFound: There is no such thing here.
        """
        user, found = await self._row(user_id), self._flow.provider(provider)
        identity = await self._flow.identity(found, self._flow.opened(state_cookie), query, user["id"])
        return await self._linked(user, found, identity)

    @operation
    async def identities(self, user_id: str) -> tuple[LinkedIdentity, ...]:
        """Return how a user can sign in at providers.

        Raises:
            NotFound: there is no such user.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.oauth.identities(user.id)
            ()
        """
        await self._row(user_id)
        return await linked(self._world, user_id)

    @operation
    async def unlink(self, user_id: str, identity_id: str) -> None:
        """Take away a way to sign in. The last one stays. Ask for a recent proof of identity before you call it.

        Raises:
            NotFound: there is no such user, or they have no such identity.
            Conflict: they could not sign in any more, or were changed meanwhile.
            Unavailable: the store does not answer. It may be unlinked or not.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.oauth.unlink(user.id, "idn_unknown")
            Traceback (most recent call last):
            ...
            plexe_auth.errors.NotFound: There is no such thing here.
        """
        user = await self._row(user_id)
        rows = await self._world.store.page(Query("identities", (equal("user_id", user_id),), ("id",), limit=_MOST))
        known = next((known_as(row["provider"]) for row in rows if row["id"] == identity_id), None)
        if known is None:
            raise NotFound
        has_other = len(rows) > 1 or "passkey" in await kinds(self._world, user_id)
        if user["password"] is None and not has_other:
            raise Conflict("It is the only way in which they can sign in.")
        note = Note("identity.unlink", user["account_id"], user_id=user_id)
        gone = Delete("identities", (equal("id", identity_id), equal("user_id", user_id)))
        await self._change(user, {}, note, gone)
        self._post(user["email"], lambda letters, links, to: letters.provider_unlinked(to, known, forgot(links)))

    @property
    def _flow(self) -> "ProviderFlow":
        if self._opened is None:
            from plexe_auth.service.provider_flow import ProviderFlow  # with all that reads what providers say

            self._opened = ProviderFlow(self._world)
        return self._opened

    async def _whose(self, provider: Provider, identity: "Identity") -> Row:
        row = await self._world.store.get("identities", "id", place(provider, identity), along=("user",))
        if row is None:
            return await self._first_time(provider, identity)
        if row["user"] is None or row["user"]["disabled_at"] is not None:
            raise InvalidCredentials(_REFUSED)
        user: Row = row["user"]
        return user

    async def _first_time(self, provider: Provider, identity: "Identity") -> Row:
        where = _vouched(identity)
        if where is None:
            raise InvalidCredentials(_REFUSED)
        user = await self._world.store.get("users", "canonical", where.canonical)
        if user is not None:
            # Both sides have to have verified it: else whoever took the address first, on either, would be let in.
            if user["verified_at"] is None or user["disabled_at"] is not None:
                raise InvalidCredentials(_REFUSED)
            await self._linked(user, provider, identity)
            return user
        if not self._world.settings.oauth_registers:
            raise InvalidCredentials(_REFUSED)
        return await self._born(provider, identity, where)

    async def _born(self, provider: Provider, identity: "Identity", where: Address) -> Row:
        now, user_id = self._world.now(), new_id("usr")
        account_id = new_id("acct")
        fixed: dict[str, Value] = {"email": where.text, "canonical": where.canonical, "name": identity.name}
        fixed |= {"account_id": account_id, "role": "owner", "verified_at": to_microseconds(now)}
        row = new_user(user_id, fixed, now)
        link = Insert("identities", new_row(provider, identity, user_id, now))
        note = Note("user.register", account_id, user_id=user_id, detail=provider.id)
        await commit(self._world, Insert("users", row), link, notes=[note])
        return row

    async def _linked(self, user: Row, provider: Provider, identity: "Identity") -> LinkedIdentity:
        row = new_row(provider, identity, user["id"], self._world.now())
        note = Note("identity.link", user["account_id"], user_id=user["id"], detail=provider.id)
        await commit(self._world, Insert("identities", row), notes=[note])
        known = known_as(provider.id)
        self._post(user["email"], lambda letters, links, to: letters.provider_linked(to, known, forgot(links)))
        return from_row(row)


async def linked(world: World, user_id: str) -> tuple[LinkedIdentity, ...]:
    """Return how a user, who is there, can sign in at providers."""
    rows = await world.store.page(Query("identities", (equal("user_id", user_id),), ("id",), limit=_MOST))
    return tuple(map(from_row, rows))


def _vouched(identity: "Identity") -> Address | None:
    """Return the address that a provider has verified, as we keep it."""
    try:
        return address(identity.email) if identity.email_verified else None
    except InvalidRequest:
        return None
