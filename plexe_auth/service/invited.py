"""Whoever has the letter looks at an invitation as often as they like, and accepts it once: then they are a user."""

from dataclasses import replace

from plexe_auth.bridge import M, operation
from plexe_auth.errors import AuthError, Conflict, InvalidCredentials
from plexe_auth.identifier import new_id
from plexe_auth.model.challenge import Challenge
from plexe_auth.model.client import NOWHERE, Client, checked_client
from plexe_auth.model.email import Address
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.invitation import INVITE, Invitation, from_row, is_good
from plexe_auth.model.note import Note, detail
from plexe_auth.model.password import may_be_password
from plexe_auth.model.text import LONGEST_NAME, checked
from plexe_auth.model.user import new_row
from plexe_auth.rows import Delete, Insert, Row, Value, equal
from plexe_auth.secret import Secret, digest, same
from plexe_auth.service.committing import commit
from plexe_auth.service.key_base import refuse_suspended
from plexe_auth.service.letting_in import let_in
from plexe_auth.service.signed_in import SignedIn
from plexe_auth.service.telling import refusals_told
from plexe_auth.service.tickets import REFUSED
from plexe_auth.service.user_base import UserService

_TAKEN = "This address has an account already. Please sign in."


class Invited(UserService[M]):
    """What an invitation is to whoever was asked."""

    @operation
    async def look(self, token: str) -> Invitation:
        """Return what a letter's link asks its reader to accept, and use nothing up.

        Args:
            token: from the letter's link.

        Raises:
            InvalidCredentials: it is not good, or not any more.
            AccountSuspended: the account is suspended.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> mailbox = Mailbox()
            >>> with Auth.open("memory://", mailer=mailbox) as auth:
            ...     invitation = auth.invitations.create("acct_42", "grace@example.com")
            ...     auth.invitations.look(mailbox.token()) == invitation
            True
        """
        named = _named(token)
        del token
        row = await self._good(named)
        refuse_suspended(row["account_id"], row["account"])
        return from_row(row)

    @operation
    async def accept(self, token: str, password: str, name: str = "", client: Client = NOWHERE) -> SignedIn | Challenge:
        """Make the user that an invitation asks for, and let them in. Their address is proven: they have the letter.

        Args:
            token: from the letter's link. It is good once.
            password: at least 15 characters, at most 1,024 bytes, and not a common one. Where it is refused, the token
                stays good.
            name: what they are called.
            client: where from.

        Raises:
            InvalidCredentials: the token is not good, or not any more; or the new user was changed at once.
            Conflict: somebody has this address by now. This is told to nobody but who has the letter.
            AccountSuspended: the account is suspended.
            InvalidRequest: `password`, `name` or `client` is not acceptable.
            Unavailable: the store does not answer. Where the token is used up, they can sign in with this password.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> mailbox = Mailbox()
            >>> with Auth.open("memory://", mailer=mailbox) as auth:
            ...     invitation = auth.invitations.create("acct_42", "grace@example.com", role="viewer")
            ...     result = auth.invitations.accept(mailbox.token(), "a long and lovely word", name="Grace")
            ...     result.user.account_id, result.user.role, result.user.verified_at is None
            ('acct_42', 'viewer', False)
        """
        named, typed = _named(token), Secret(password if may_be_password(password) else "")
        del token, password
        client = checked_client(client)
        checked("name", name, LONGEST_NAME, shortest=0)
        note = Note("user.register", client=client)
        with refusals_told(self._world, note):
            row = await self._good(named)
        note = replace(note, account_id=row["account_id"], detail=detail(row["invited_by"], row["id"]))
        with refusals_told(self._world, note):
            refuse_suspended(row["account_id"], row["account"])
            if await self._world.store.get("users", "canonical", row["canonical"]) is not None:
                raise await self._beaten(row)
            secret = await self._checked(typed, Address(row["email"], row["canonical"]), name)
            hashed = await self._world.hasher.hash(secret.reveal())
            user = await self._born(row, {"name": name, "password": hashed}, note)
        note = Note("session.sign_in", user["account_id"], user_id=user["id"], detail="invitation", client=client)
        with refusals_told(self._world, note):
            try:
                return await let_in(self._world, user, ("invitation",), client, note)
            except Conflict:
                raise InvalidCredentials(REFUSED) from None  # somebody disabled or changed them at once

    async def _good(self, named: bytes | None) -> Row:
        found = None
        if named is not None:
            found = await self._world.store.get("invitations", "digest", named, along=("account",))
        if found is None or named is None or not same(found["digest"], named) or not is_good(found, self._world.now()):
            raise InvalidCredentials(REFUSED)
        return found

    async def _born(self, row: Row, given: dict[str, Value], note: Note) -> Row:
        """Make the user in the same commit that uses the invitation up: of many who accept it, one succeeds."""
        now = self._world.now()
        asked = {column: row[column] for column in ("account_id", "email", "canonical", "role")}
        user = new_row(new_id("usr"), {**given, **asked, "verified_at": to_microseconds(now)}, now)
        used = Delete("invitations", (equal("id", row["id"]), equal("digest", row["digest"])))
        try:
            await commit(self._world, used, Insert("users", user), notes=[replace(note, user_id=str(user["id"]))])
        except Conflict:
            raise await self._beaten(row) from None
        return user

    async def _beaten(self, row: Row) -> AuthError:
        """Return why nobody is made of an invitation that was good: it is not any more, or its address is taken."""
        now = await self._world.store.get("invitations", "id", row["id"])
        stands = now is not None and same(now["digest"], row["digest"])
        return Conflict(_TAKEN) if stands else InvalidCredentials(REFUSED)


def _named(token: object) -> bytes | None:
    return digest(token.encode()) if INVITE.format.accepts(token) else None
