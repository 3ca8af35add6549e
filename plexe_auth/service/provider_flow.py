"""From a button to an identity: a flow is bound to one browser and one provider, and is good for one callback."""

import base64
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from plexe_auth.errors import Conflict, InvalidRequest, NotFound, Unavailable
from plexe_auth.model.callback import code_of, foreign, reported_error
from plexe_auth.model.claims import Identity, github_identity, identity_of, with_userinfo
from plexe_auth.model.code_exchange import Tokens, read_tokens, token_request
from plexe_auth.model.exchange import asked_with
from plexe_auth.model.flow import Flow, authorization_url, begin_flow
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.provider import Endpoints, Provider
from plexe_auth.model.ticket import FLOW, new_row
from plexe_auth.rows import Delete, Insert, at_most
from plexe_auth.secret import Secret, digest, in_bytes
from plexe_auth.vault import Vault
from plexe_auth.world import World

if TYPE_CHECKING:
    from plexe_auth.providers import Providers

_BOUND = "state cookie"
_LONGEST = 8192


class ProviderFlow:
    """The flows of one world. What asks the providers is opened when it is first needed."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._providers: Providers | None = None
        self._by_name = {one.name: one for one in world.settings.oauth}

    def provider(self, name: object) -> Provider:
        """Return a provider by its name.

        Raises:
            NotFound: there is none.
        """
        found = self._by_name.get(name) if isinstance(name, str) else None
        if found is None:
            raise NotFound
        return found

    async def begun(
        self, provider: Provider, redirect_uri: str, next_path: str, extra: Mapping[str, str] | None, user_id: str
    ) -> tuple[str, str]:
        """Return where to send a browser that begins to sign in, and what it has to bring back.

        Raises:
            InvalidRequest: an argument is not acceptable.
            Unavailable: the provider does not answer.
        """
        flow = begin_flow(provider, redirect_uri, next_path, self._world.now(), user_id)
        url = authorization_url(flow, provider, await self._known().endpoints(provider), extra)
        return url, self._sealed(flow)

    def _sealed(self, flow: Flow) -> str:
        """Return the flow as its browser carries it: nobody else can read or make one, nor it itself."""
        return _written(self._vault().seal(Secret(flow.to_json()), _BOUND))

    def opened(self, cookie: object) -> Flow:
        """Return the flow that `begun` has sealed.

        Raises:
            InvalidRequest: it is none of ours.
        """
        if not isinstance(cookie, str) or not cookie.isascii() or not 0 < len(cookie) <= _LONGEST:
            raise InvalidRequest("There is no such sign-in.")
        with suppress(ValueError, Unavailable):
            blob = base64.b64decode(cookie + "=" * (-len(cookie) % 4), altchars=b"-_", validate=True)
            if _written(blob) == cookie:  # whatever else decodes to the same bytes is none of ours
                return Flow.from_json(self._vault().open(blob, _BOUND).reveal())
        raise InvalidRequest("There is no such sign-in.")

    def told(self, provider: Provider, query: object) -> str:
        """Return what the access log tells of a callback: whose it is, and which error it reports, if it reports one.

        A refusal says to the person neither; whoever set the provider up wrongly sees it there.
        """
        error = reported_error(query)
        return provider.id if error is None else f"{provider.id}: {error}"

    async def identity(self, provider: Provider, flow: Flow, query: object, user_id: str = "") -> Identity:
        """Return who the callback is of. Before the provider is asked, the flow is used up.

        One that was begun for linking to somebody is good for that and for nothing else, and the other way round.

        Raises:
            InvalidRequest: the callback answers another flow, or this one a second time.
            InvalidCredentials: the person or the provider refused, or what it says is not to be believed.
            Unavailable: the provider does not answer as it should.
        """
        endpoints = await self._known().endpoints(provider)
        if flow.user_id != user_id:
            raise foreign()
        code = code_of(query, flow, provider, endpoints, self._world.now())
        del query
        await self._burn(flow)
        fetch = self._known().fetch
        is_oidc = not endpoints.emails
        tokens = read_tokens(await fetch(token_request(provider, endpoints, flow, code)), with_id=is_oidc)
        return await (self._told if is_oidc else self._looked_up)(provider, endpoints, flow, tokens)

    async def _told(self, provider: Provider, endpoints: Endpoints, flow: Flow, tokens: Tokens) -> Identity:
        token, now = tokens.id or Secret(""), self._world.now()
        claims = await self._known().verified(provider, token, flow.nonce, tokens.access, now)
        identity = identity_of(claims, provider)
        is_asked = identity.email is None and endpoints.userinfo
        told = await self._known().fetch(asked_with(tokens.access, endpoints.userinfo)) if is_asked else None
        return identity if told is None else with_userinfo(identity, told)

    async def _looked_up(self, provider: Provider, endpoints: Endpoints, _flow: Flow, tokens: Tokens) -> Identity:
        fetch = self._known().fetch
        user = await fetch(asked_with(tokens.access, endpoints.userinfo))
        emails = await fetch(asked_with(tokens.access, endpoints.emails))
        return github_identity(user, emails, provider)

    async def _burn(self, flow: Flow) -> None:
        now = self._world.now()
        state = flow.state.reveal()
        row = new_row(FLOW, state, digest(in_bytes(state)), {}, now)
        expired = Delete("tickets", (at_most("expires_at", to_microseconds(now)),), several=True)
        try:
            await self._world.store.commit(expired, Insert("tickets", row))
        except Conflict:
            raise InvalidRequest("This sign-in has been used.") from None

    def _known(self) -> "Providers":
        if self._providers is None:
            from plexe_auth.providers import Providers

            self._providers = Providers(self._world.fetch())
        return self._providers

    def _vault(self) -> Vault:
        return Vault(self._world.settings.secret_keys, "oauth flows")


def _written(blob: bytes) -> str:
    return base64.urlsafe_b64encode(blob).decode().rstrip("=")
