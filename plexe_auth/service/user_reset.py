"""A forgotten password is set anew by a letter's link; for the public, and so nobody learns by it who is known."""

from datetime import timedelta
from typing import TYPE_CHECKING

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, InvalidCredentials
from plexe_auth.model.challenge import Challenge
from plexe_auth.model.client import NOWHERE, Client, checked_client
from plexe_auth.model.email import address
from plexe_auth.model.letter import Letter
from plexe_auth.model.note import Note
from plexe_auth.model.ticket import RESET
from plexe_auth.rows import Row, Value
from plexe_auth.secret import Secret
from plexe_auth.service.letting_in import let_in
from plexe_auth.service.posting import forgot, must_have_mail
from plexe_auth.service.signed_in import SignedIn
from plexe_auth.service.telling import refusals_told
from plexe_auth.service.tickets import REFUSED, all_forgotten, found, made, used
from plexe_auth.service.user_base import UserService, sessions_ended

if TYPE_CHECKING:
    from plexe_auth.mail.letters import Letters


class UserReset(UserService[M]):
    """Setting a forgotten password anew."""

    @operation
    async def request_reset(self, email: str, client: Client = NOWHERE) -> None:
        """Send a letter by which a forgotten password is set anew, if there is such a user.

        For the public: it tells nothing, and takes the same steps whether there is one or not.

        Args:
            email: their address.
            client: where from; so many letters are sent for one network, and for one address.

        Raises:
            InvalidRequest: `email` is no address, or `client` no `Client`.
            RateLimitExceeded: too many letters were asked for.
            ConfigurationError: there is no mailer.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> mailbox = Mailbox()
            >>> with Auth.open("memory://", mailer=mailbox) as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.users.request_reset("ada@example.com")
            ...     auth.users.request_reset("nobody@example.com")
            ...     len(mailbox)
            1
        """
        must_have_mail(self._world)
        where, client = address(email), checked_client(client)
        await self._attempts.letter(where.canonical, client.ip)
        user = await self._world.store.get("users", "canonical", where.canonical)
        about: dict[str, Value] = {} if user is None else {"user_id": user["id"], "email": user["email"]}
        text = await made(self._world, RESET, where.canonical if user is None else user["id"], about)
        if user is not None and user["disabled_at"] is None:
            self._send(user["email"], RESET, text, _resetting)

    @operation
    async def reset(self, token: str, new: str, client: Client = NOWHERE) -> SignedIn | Challenge:
        """Set a forgotten password anew, end every session of the user, and begin a new one.

        Where a second factor is due, a challenge comes before the session; a code by mail does not answer it, for the
        mailbox was shown already.

        Args:
            token: from the letter's link. It is good once.
            new: at least 15 characters, 8 with a second factor, at most 1,024 bytes, and not a common one. Where it is
                refused, the token stays good.
            client: where from.

        Raises:
            InvalidCredentials: the token is not good, or not any more.
            InvalidRequest: `new` is not acceptable.
            Unavailable: the store does not answer. The token may be used up.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> mailbox = Mailbox()
            >>> with Auth.open("memory://", mailer=mailbox) as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.users.request_reset("ada@example.com")
            ...     auth.users.reset(mailbox.token(), "another lovely word").user.id == user.id
            True
        """
        given = Secret(new)
        del new
        _kind, row = await found(self._world, token, RESET)
        user, client = row["user"], checked_client(client)
        del token
        note = Note("user.reset_password", client=client)
        with refusals_told(self._world, note):
            if user is None or user["disabled_at"] is not None:
                raise InvalidCredentials(REFUSED)
            alone = await self._is_only_factor(user["id"])
            secret = await self._checked(given, address(user["email"]), user["name"], only_factor=alone)
            hashed = await self._world.hasher.hash(secret.reveal())
            return await self._reset(row, user, hashed, client, note)

    async def _reset(self, row: Row, user: Row, hashed: str, client: Client, note: Note) -> SignedIn | Challenge:
        now = self._now()
        # Who had the letter has proven the address, if it is still the one that the letter went to.
        verified = user["verified_at"] or (now if row["email"] == user["email"] else None)
        columns: dict[str, Value] = {"password": hashed, "verified_at": verified}
        over = (used(row), *all_forgotten(user["id"]), sessions_ended(user["id"], now))
        try:
            done = await let_in(
                self._world, user, ("reset",), client, note, columns=columns, more=over, effect="narrowed"
            )
        except Conflict:
            raise InvalidCredentials(REFUSED) from None
        self._post(user["email"], lambda letters, links, to: letters.password_changed(to, forgot(links)))
        return done


def _resetting(letters: "Letters", to: str, there: str, lasts: timedelta) -> Letter:
    return letters.reset_password(to, there, lasts)
