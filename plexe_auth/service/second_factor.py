"""A challenge is answered by a second factor: counted before anything is looked at, and used up with what it opens."""

from typing import Any

from plexe_auth.bridge import M, Service, operation
from plexe_auth.errors import Conflict, InvalidCredentials
from plexe_auth.model import mail_code
from plexe_auth.model.challenge import FORMAT, is_good, open_to
from plexe_auth.model.client import NOWHERE, Client, checked_client
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.note import Note
from plexe_auth.rows import Delete, Row, Update, equal
from plexe_auth.secret import Secret, digest
from plexe_auth.service.attempts import Attempts
from plexe_auth.service.factors import PURPOSE, enrolled, kinds, use_of
from plexe_auth.service.key_base import refuse_suspended
from plexe_auth.service.posting import must_have_mail, post
from plexe_auth.service.signed_in import SignedIn, signed_in
from plexe_auth.service.telling import refusals_told
from plexe_auth.world import World

REFUSED = "The answer is not right, or the challenge is not good any more."


class SecondFactor(Service[M]):
    """Answering challenges."""

    def __init__(self, world: World, mode: type[M]) -> None:
        super().__init__(mode)
        self._world = world
        self._attempts = Attempts(world)

    @operation
    async def answer(self, challenge_token: str, method: str, response: object, client: Client = NOWHERE) -> SignedIn:
        """Begin the session of whoever answers a challenge.

        Args:
            challenge_token: what the `Challenge` brought.
            method: one of its ``methods``.
            response: the code: of the app, from the letter, or one of the recovery codes; or what the browser answered
                to `begin_passkey`. It is used up.
            client: where from.

        Raises:
            InvalidCredentials: the answer is not right, or the challenge has been answered or is over.
            AccountSuspended: the account is suspended.
            RateLimitExceeded: too many answers were tried, by whatever factor and for whatever challenge.
            InvalidRequest: `client` is no `Client`.
            Unavailable: the store does not answer. The answer may be used up; ask for a new challenge.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.sign_in.answer("plx_challenge_…", method="totp", response="123456")
            Traceback (most recent call last):
            ...
            plexe_auth.errors.InvalidCredentials: The answer is not right, or the challenge is not good any more.
        """
        holder, client = held_by(challenge_token), checked_client(client)
        del challenge_token
        note = Note("session.sign_in", client=client)
        with refusals_told(self._world, note):
            row = await self._challenge(holder)
            user, shown = row["user"], tuple(row["methods"].split())
            await self._attempts.factor(user["id"])
            factors = await kinds(self._world, user["id"])
            if method not in open_to(user, factors, shown, by_mail=self._world.can_mail_codes):
                raise InvalidCredentials(REFUSED)
            answer: Any = response.reveal() if isinstance(response, Secret) else response
            use = await use_of(self._world, user["id"], factors, {**row, "holder": holder}, method, answer)
            if use is None:
                raise InvalidCredentials(REFUSED)
            over = (use, Delete("challenges", (equal("id", row["id"]),)))
            try:
                return await signed_in(self._world, user, (*shown, method), client, note, more=over)
            except Conflict:
                raise InvalidCredentials(REFUSED) from None  # somebody else has just used one of the two up

    @operation
    async def send_code(self, challenge_token: str) -> None:
        """Send a code to the address of whoever is challenged. It takes the place of one that was sent before.

        Raises:
            InvalidCredentials: the challenge is not good any more, or codes by mail are not open to this person.
            RateLimitExceeded: too many letters were asked for.
            ConfigurationError: there is no mailer.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> with Auth.open("memory://", mailer=Mailbox()) as auth:
            ...     auth.sign_in.send_code("plx_challenge_…")
            Traceback (most recent call last):
            ...
            plexe_auth.errors.InvalidCredentials: The answer is not right, or the challenge is not good any more.
        """
        must_have_mail(self._world)
        holder = held_by(challenge_token)
        del challenge_token
        row = await self._challenge(holder)
        user, shown = row["user"], tuple(row["methods"].split())
        await self._attempts.letter(user["canonical"], None)
        factors = await kinds(self._world, user["id"])
        if "email" not in open_to(user, factors, shown, by_mail=self._world.can_mail_codes):
            raise InvalidCredentials(REFUSED)
        code, until = mail_code.new_code(), to_microseconds(self._world.now() + mail_code.LIFE)
        kept = mail_code.code_digest(holder, PURPOSE, row["id"], mail_code.canonical(code.reveal()) or "")
        sent = Update("challenges", (equal("id", row["id"]),), {"code": kept, "code_until": until})
        try:
            await self._world.store.commit(sent)
        except Conflict:
            raise InvalidCredentials(REFUSED) from None
        post(
            self._world,
            lambda letters, _links: letters.sign_in_code(user["email"], code.reveal(), mail_code.LIFE),
        )

    @operation
    async def open_methods(self, challenge_token: str) -> tuple[str, ...]:
        """Return by which methods a challenge can be answered, for a page that shows them. It uses nothing up.

        They are those of the `Challenge`, but for ``"recovery"``: it is always among them, for whether somebody has a
        code left is not looked up.

        Raises:
            InvalidCredentials: the challenge is not good any more.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.sign_in.open_methods("plx_challenge_…")
            Traceback (most recent call last):
            ...
            plexe_auth.errors.InvalidCredentials: The answer is not right, or the challenge is not good any more.
        """
        holder = held_by(challenge_token)
        del challenge_token
        row = await self._standing(holder)
        user, shown = row["user"], tuple(row["methods"].split())
        found = {**await enrolled(self._world, user["id"]), "recovery": ()}
        return open_to(user, found, shown, by_mail=self._world.can_mail_codes)

    async def _challenge(self, holder: Secret) -> Row:
        row = await self._standing(holder)
        account_id = row["user"]["account_id"]
        refuse_suspended(account_id, await self._world.store.get("accounts", "id", account_id))
        return row

    async def _standing(self, holder: Secret) -> Row:
        text = holder.reveal()
        name = digest(text.encode()) if FORMAT.accepts(text) else None
        del text
        row = None if name is None else await self._world.store.get("challenges", "digest", name, along=("user",))
        if row is None or not is_good(row, self._world.now()):
            raise InvalidCredentials(REFUSED)
        user: Row | None = row["user"]
        if user is None or user["disabled_at"] is not None:
            raise InvalidCredentials(REFUSED)
        return row


def held_by(token: object) -> Secret:
    """Return the token of a challenge, or nothing where it has not the form of one."""
    return Secret(token if FORMAT.accepts(token) else "")
