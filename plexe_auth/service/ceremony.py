"""A ceremony of a passkey is begun once and answered once: what was asked is used up before the answer is looked at."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from plexe_auth.errors import InvalidCredentials
from plexe_auth.model.enrolled_passkey import counts_on, credential, name_of, used
from plexe_auth.model.passkey import Passkey, RelyingParty, user_handle
from plexe_auth.model.ticket import NEW_PASSKEY, PASSKEY
from plexe_auth.passkeys import REFUSED, Passkeys, PasskeyUser
from plexe_auth.rows import Change, Row, Update, equal
from plexe_auth.service.tickets import burned, made
from plexe_auth.world import World


class Ceremonies:
    """The ceremonies of one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin_new(self, whose: str, user: Row, known: Sequence[Row], *, discoverable: bool) -> dict[str, Any]:
        """Return what the browser of a user is asked for who adds a passkey; `whose` it is, answers it.

        Raises:
            ConfigurationError: ``plexe-auth[passkeys]`` is not installed, or the base URL is that of no domain.
        """
        ours = self._passkeys()
        told = PasskeyUser(user_handle(user["id"]), user["email"], user["name"])
        challenge = await made(self._world, NEW_PASSKEY, whose, {"user_id": user["id"]})
        asked = challenge.reveal().encode()
        return ours.registration(told, asked, map(credential, known), discoverable=discoverable)

    async def finish_new(self, whose: str, user: Row, response: object) -> Passkey:
        """Return the new passkey of a user.

        Raises:
            InvalidCredentials: nothing was begun, or it was answered; or anything is wrong with the response.
        """
        ours = self._passkeys()
        challenge = ours.challenge(response)
        if not await burned(self._world, NEW_PASSKEY, whose, challenge):
            raise InvalidCredentials(REFUSED)
        return ours.registered(response, challenge, user_handle(user["id"]))

    async def begin(self, whose: str, user_id: str | None = None, known: Sequence[Row] = ()) -> dict[str, Any]:
        """Return what a browser is asked for that shall sign; by one of the `known` passkeys, or by whichever it finds.

        Raises:
            ConfigurationError: as for `begin_new`.
        """
        ours = self._passkeys()
        challenge = await made(self._world, PASSKEY, whose, {"user_id": user_id})
        return ours.authentication(challenge.reveal().encode(), map(credential, known))

    async def signed(self, whose: str, response: object, user_id: str | None = None) -> tuple[Row, Change]:
        """Return the row of the passkey that has signed what a browser was asked, and the change that remembers it.

        Args:
            whose: as for `begin`.
            response: what the browser sent.
            user_id: whose passkey it has to be; ``None`` where it says who that is.

        Raises:
            InvalidCredentials: anything at all is wrong.
        """
        ours = self._passkeys()
        challenge, name = ours.challenge(response), name_of(ours.credential_id(response))
        if not await burned(self._world, PASSKEY, whose, challenge):
            raise InvalidCredentials(REFUSED)
        row = await self._world.store.get("passkeys", "digest", name, along=("user",))
        if row is None or user_id not in (None, row["user_id"]):
            raise InvalidCredentials(REFUSED)
        said = ours.authenticated(response, challenge, credential(row), known=user_id is not None)
        here = (equal("id", row["id"]), counts_on(said))
        return row, Update("passkeys", here, used(said, self._world.now()))

    def _passkeys(self) -> Passkeys:
        settings, origin = self._world.settings, self._world.links.origin
        domain = settings.passkey_domain or urlsplit(origin).hostname or ""
        return Passkeys(RelyingParty(domain, self._world.product, (origin, *settings.passkey_origins)))
