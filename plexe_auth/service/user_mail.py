"""What people do by mail: register, prove an address, set a forgotten password. Nobody learns by it who is known."""

from datetime import timedelta
from typing import TYPE_CHECKING

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, InvalidCredentials
from plexe_auth.identifier import new_id
from plexe_auth.model.client import NOWHERE, Client, checked_client
from plexe_auth.model.email import address
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.letter import Letter
from plexe_auth.model.note import Note
from plexe_auth.model.text import LONGEST_NAME, checked
from plexe_auth.model.ticket import BY_MAIL, EMAIL, REGISTER, VERIFY, Kind
from plexe_auth.model.user import User, from_row, new_row
from plexe_auth.rows import Add, Change, Insert, Row, Update, Value, equal
from plexe_auth.secret import Secret
from plexe_auth.service.committing import Effect, commit
from plexe_auth.service.posting import forgot, must_have_mail
from plexe_auth.service.telling import refusals_told
from plexe_auth.service.tickets import REFUSED, all_forgotten, found, made, used
from plexe_auth.service.user_base import sessions_ended
from plexe_auth.service.user_reset import UserReset

if TYPE_CHECKING:
    from plexe_auth.mail.letters import Letters


class UserMail(UserReset[M]):
    """What people do by mail."""

    @operation
    async def register(self, email: str, password: str, name: str = "", client: Client = NOWHERE) -> None:
        """Have somebody register: who opens the link in the letter becomes a user with this password.

        Nobody is made before that, so that nobody can take an address that is not theirs. Where there is such a user,
        the letter says so instead. For the public: it tells nothing, and takes the same steps in both cases.

        Args:
            email: their address.
            password: at least 15 characters, at most 1,024 bytes, and not a common one.
            name: what they are called.
            client: where from; so many letters are sent for one network, and for one address.

        Raises:
            InvalidRequest: an argument is not acceptable; ``field`` names it.
            RateLimitExceeded: too many letters were asked for.
            ConfigurationError: there is no mailer.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> mailbox = Mailbox()
            >>> with Auth.open("memory://", mailer=mailbox) as auth:
            ...     auth.users.register("ada@example.com", "a long and lovely word", name="Ada")
            ...     auth.users.verify_email(mailbox.token()).name
            'Ada'
        """
        given = Secret(password)
        del password
        must_have_mail(self._world)
        where, client = address(email), checked_client(client)
        checked("name", name, LONGEST_NAME, shortest=0)
        secret = self._acceptable(given, where, name)
        await self._attempts.letter(where.canonical, client.ip)
        await self._check_breaches(secret)  # behind the budget: nobody can have us flood who is asked
        hashed = await self._world.hasher.hash(secret.reveal())
        about: dict[str, Value] = {"email": where.text, "canonical": where.canonical, "name": name, "password": hashed}
        text = await made(self._world, REGISTER, where.canonical, about)
        known = await self._world.store.get("users", "canonical", where.canonical)
        if known is not None:
            self._post(known["email"], lambda letters, links, to: letters.already_registered(to, forgot(links)))
        else:
            self._send(where.text, REGISTER, text, _verifying)

    @operation
    async def verify_email(self, token: str) -> User:
        """Take it as proven that mail to an address reaches somebody, and return who that is.

        It ends a registration, proves the address of a user, or gives them the new address that they asked for; then
        their sessions end, and their old address is told.

        Args:
            token: from the letter's link. It is good once.

        Raises:
            InvalidCredentials: it is not, or not any more.
            Unavailable: the store does not answer. It may be used up.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> mailbox = Mailbox()
            >>> with Auth.open("memory://", mailer=mailbox) as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.users.request_verification(user.id)
            ...     auth.users.verify_email(mailbox.token()).verified_at is None
            False
        """
        kind, row = await found(self._world, token, *BY_MAIL)
        del token
        note = Note("user.verify_email", user_id=row["user_id"])
        with refusals_told(self._world, note):
            try:
                return await (self._registered(row) if kind is REGISTER else self._proven(kind, row))
            except Conflict:
                raise InvalidCredentials(REFUSED) from None  # it was used, or the address is somebody else's by now

    @operation
    async def request_verification(self, user_id: str) -> None:
        """Send the user a letter by which they prove their address. One whose address is proven gets none.

        Raises:
            NotFound: there is no such user.
            RateLimitExceeded: too many letters were asked for.
            ConfigurationError: there is no mailer.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> mailbox = Mailbox()
            >>> with Auth.open("memory://", mailer=mailbox) as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.users.request_verification(user.id)
            ...     mailbox.last().to
            'ada@example.com'
        """
        must_have_mail(self._world)
        user = await self._row(user_id)
        await self._attempts.letter(user["canonical"], None)
        if user["verified_at"] is None and user["disabled_at"] is None:
            about: dict[str, Value] = {"user_id": user["id"], "email": user["email"]}
            text = await made(self._world, VERIFY, user["id"], about)
            self._send(user["email"], VERIFY, text, _verifying)

    @operation
    async def change_email(self, user_id: str, new: str) -> None:
        """Send a letter to a new address; who opens its link gives the user that address.

        Until then nothing is changed, and only the newest of such letters counts. Ask for a recent proof of identity
        before you call it.

        Args:
            user_id: whose.
            new: the new address. Where somebody else has it, they are told that they are registered already.

        Raises:
            NotFound: there is no such user.
            InvalidRequest: `new` is no address.
            RateLimitExceeded: too many letters were asked for.
            ConfigurationError: there is no mailer.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> mailbox = Mailbox()
            >>> with Auth.open("memory://", mailer=mailbox) as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.users.change_email(user.id, "ada@example.org")
            ...     auth.users.verify_email(mailbox.token()).email
            'ada@example.org'
        """
        must_have_mail(self._world)
        user, where = await self._row(user_id), address(new)
        await self._attempts.letter(where.canonical, None)
        about: dict[str, Value] = {"user_id": user["id"], "email": where.text, "canonical": where.canonical}
        text = await made(self._world, EMAIL, user["id"], about)
        taken = await self._world.store.get("users", "canonical", where.canonical)
        if taken is not None and taken["id"] != user["id"]:
            self._post(taken["email"], lambda letters, links, to: letters.already_registered(to, forgot(links)))
        else:
            self._send(where.text, EMAIL, text, _verifying)

    async def _registered(self, row: Row) -> User:
        now = self._world.now()
        fixed: dict[str, Value] = {name: row[name] for name in ("email", "canonical", "name", "password")}
        fixed |= {"account_id": new_id("acct"), "role": "owner", "verified_at": to_microseconds(now)}
        born = new_row(new_id("usr"), fixed, now)
        note = Note("user.register", str(fixed["account_id"]), user_id=str(born["id"]))
        await commit(self._world, used(row), Insert("users", born), notes=[note])
        return from_row(born)

    async def _proven(self, kind: Kind, row: Row) -> User:
        user, now = row["user"], self._now()
        if user is None or user["disabled_at"] is not None or (kind is VERIFY and user["email"] != row["email"]):
            raise InvalidCredentials(REFUSED)
        columns: dict[str, Value] = {"verified_at": now}
        more: tuple[Change, ...] = ()
        if kind is EMAIL:
            columns |= {"email": row["email"], "canonical": row["canonical"]}
            more = (*all_forgotten(user["id"]), sessions_ended(user["id"], now))
        here = (equal("id", user["id"]), equal("version", user["version"]))
        changed = Update("users", here, {**columns, "version": Add(1)})
        note = Note(
            "user.verify_email" if kind is VERIFY else "user.change_email", user["account_id"], None, user["id"]
        )
        effect: Effect = "narrowed" if more else "altered"
        await commit(self._world, used(row), changed, *more, notes=[note], effect=effect, on=self._epochs)
        if kind is EMAIL:
            self._post(user["email"], lambda letters, links, to: letters.email_changed(to, links.to("/support")))
        return from_row({**user, **columns})


def _verifying(letters: "Letters", to: str, there: str, lasts: timedelta) -> Letter:
    return letters.verify_email(to, there, lasts)
