"""``auth.invitations``: people are asked into an account by mail; a letter makes one user, their address proven."""

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, NotFound
from plexe_auth.model.email import address
from plexe_auth.model.invitation import INVITE, Invitation, from_row, is_good, new_row
from plexe_auth.model.letter import Letter
from plexe_auth.model.note import Note, detail
from plexe_auth.model.principal import Principal
from plexe_auth.model.role import checked_role, permissions
from plexe_auth.model.text import LONGEST_ID, LONGEST_NAME, checked
from plexe_auth.rows import Delete, Insert, Query, Row, Value, above, at_most, equal
from plexe_auth.secret import digest
from plexe_auth.service.authority import MANAGE_USERS, authority
from plexe_auth.service.committing import commit
from plexe_auth.service.finding import by_id
from plexe_auth.service.invited import Invited
from plexe_auth.service.key_base import refuse_suspended
from plexe_auth.service.page import Page, checked_limit, cursor, position
from plexe_auth.service.posting import must_have_mail
from plexe_auth.service.telling import refusals_told

if TYPE_CHECKING:
    from plexe_auth.mail.letters import Letters

_ATTEMPTS = 32
_MOST = 200


class Invitations(Invited[M]):
    """Who is asked into an account. Reached as ``auth.invitations``."""

    @operation
    async def create(
        self,
        account_id: str,
        email: str,
        role: str = "member",
        organisation: str = "",
        by: Principal | None = None,
    ) -> Invitation:
        """Send somebody a letter by which they join the account.

        It takes the place of an older one to the same address, whose link is dead from then on. Nothing tells whether
        the address has a user here already. What is made here stays good when whoever asked for it is disabled or has
        another role; `page` shows what is open, and `revoke` ends it.

        Args:
            account_id: what they are to join.
            email: whom to ask; nobody else can accept.
            role: what they will be: ``"owner"``, ``"admin"``, ``"member"`` or ``"viewer"``.
            organisation: what the account is called in the letter.
            by: who asks. They need ``users:manage``, and no role may exceed what they have.

        Raises:
            InvalidRequest: an argument is not acceptable; ``field`` names it.
            NotFound: the account is not that of `by`.
            InsufficientPermissions: `by` may not manage users, or not give as much as this role.
            AuthError: `by` was revoked or disabled, or has expired; as `verify` would tell it.
            AccountSuspended: the account is suspended.
            RateLimitExceeded: too many letters went to this address.
            TypeError: `by` is neither ``None`` nor a `Principal`.
            ConfigurationError: there is no mailer.
            Unavailable: the store does not answer. No letter was sent; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> mailbox = Mailbox()
            >>> with Auth.open("memory://", mailer=mailbox) as auth:
            ...     invitation = auth.invitations.create("acct_42", "grace@example.com", organisation="Ada's Lab")
            ...     invitation.role, mailbox.last().to
            ('member', 'grace@example.com')
        """
        must_have_mail(self._world)
        checked("account_id", account_id, LONGEST_ID)
        where, role = address(email), checked_role(role)
        checked("organisation", organisation, LONGEST_NAME, shortest=0)
        with refusals_told(self._world, Note("invitation.create", account_id, detail=_asked(by))):
            asker = await authority(self._world, by, MANAGE_USERS)
            asker.must_own(account_id)
            asker.must_hold({"permissions": permissions(role)})
            refuse_suspended(account_id, await self._world.store.get("accounts", "id", account_id))
            await self._attempts.letter(where.canonical, None)
            fixed: dict[str, Value] = {"account_id": account_id, "email": where.text, "canonical": where.canonical}
            fixed |= {"role": role, "invited_by": asker.user_id or asker.id}
            text = INVITE.format.make()
            row = new_row(fixed, digest(text.reveal().encode()), self._world.now())
            told = detail(asker.id, f"{row['id']} as {role}")
            await self._placed(row, Note("invitation.create", account_id, user_id=asker.user_id, detail=told))

        def letter(letters: "Letters", to: str, link: str, lasts: timedelta) -> Letter:
            return letters.invitation(to, asker.name, organisation, link, lasts)

        self._send(where.text, INVITE, text, letter)
        return from_row(row)

    @operation
    async def page(self, account_id: str, after: str | None = None, limit: int = 50) -> Page[Invitation]:
        """Return an account's invitations that may still be accepted, newest first.

        Args:
            account_id: whose.
            after: the ``next`` of the page before; ``None`` begins with the newest.
            limit: at most so many, 1 to 200.

        Raises:
            InvalidRequest: an argument is not acceptable; ``field`` names it.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> with Auth.open("memory://", mailer=Mailbox()) as auth:
            ...     invitation = auth.invitations.create("acct_42", "grace@example.com")
            ...     [one.email for one in auth.invitations.page("acct_42")]
            ['grace@example.com']
        """
        checked_limit(limit, _MOST)
        here = (equal("account_id", checked("account_id", account_id, LONGEST_ID)), above("expires_at", self._now()))
        query = Query("invitations", here, ("created_at", "id"), position(after), limit + 1)
        rows = await self._world.store.page(query)
        last = cursor(rows[limit - 1]["created_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
        return Page(tuple(map(from_row, rows[:limit])), last)

    @operation
    async def revoke(self, invitation_id: str, by: Principal | None = None) -> None:
        """End an invitation. When this has returned, nobody can accept it.

        Args:
            invitation_id: which.
            by: who asks. They need ``users:manage``.

        Raises:
            NotFound: there is none, or not any more, or it is of another account than `by`.
            InsufficientPermissions: `by` may not manage users.
            AuthError: `by` was revoked or disabled, or has expired; as `verify` would tell it.
            TypeError: `by` is neither ``None`` nor a `Principal`.
            Unavailable: the store does not answer. It may be ended or not; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> from plexe_auth.testing.mailbox import Mailbox
            >>> with Auth.open("memory://", mailer=Mailbox()) as auth:
            ...     invitation = auth.invitations.create("acct_42", "grace@example.com")
            ...     auth.invitations.revoke(invitation.id)
            ...     auth.invitations.page("acct_42").items
            ()
        """
        with refusals_told(self._world, Note("invitation.revoke", detail=_asked(by))):
            asker = await authority(self._world, by, MANAGE_USERS)
            row = await self._open(invitation_id)
            asker.must_own(row["account_id"])
            told = Note(
                "invitation.revoke", row["account_id"], user_id=asker.user_id, detail=detail(asker.id, row["id"])
            )
            try:
                # A newer one that took its place meanwhile goes as well: whoever asks wants this address not to join.
                await commit(self._world, Delete("invitations", (equal("id", row["id"]),)), notes=[told])
            except Conflict:
                raise NotFound from None

    async def _placed(self, row: Row, note: Note) -> None:
        expired = Delete("invitations", (at_most("expires_at", row["created_at"]),), several=True)
        older = Delete("invitations", (equal("id", row["id"]),), several=True)
        for _ in range(_ATTEMPTS):
            with suppress(Conflict):  # somebody else has made one at the same instant, and ours takes its place
                await commit(self._world, expired, older, Insert("invitations", row), notes=[note])
                return
        raise Conflict

    async def _open(self, invitation_id: str) -> Row:
        found = await by_id(self._world, "invitations", invitation_id)
        if found is None or not is_good(found, self._world.now()):
            raise NotFound
        return found


def _asked(by: object) -> str | None:
    return detail(getattr(by, "id", None))
