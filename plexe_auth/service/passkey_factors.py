"""Passkeys are added, named and removed; each change is told, and ends all other sessions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, InvalidCredentials, NotFound
from plexe_auth.identifier import new_id
from plexe_auth.model.challenge import has_factor
from plexe_auth.model.enrolled_passkey import MOST, EnrolledPasskey, from_row, new_row
from plexe_auth.model.note import Note
from plexe_auth.model.passkey import checked_name
from plexe_auth.model.text import may_be_id
from plexe_auth.model.ticket import NEW_PASSKEY, place
from plexe_auth.passkeys import REFUSED
from plexe_auth.rows import Delete, Insert, Query, Row, Update, equal
from plexe_auth.secret import Secret
from plexe_auth.service.ceremony import Ceremonies
from plexe_auth.service.committing import commit
from plexe_auth.service.factor_change import FactorChange, codes_gone, new_codes
from plexe_auth.service.factors import kinds
from plexe_auth.service.finding import by_id
from plexe_auth.service.telling import refusals_told
from plexe_auth.world import World


@dataclass(frozen=True, slots=True)
class PasskeyEnrolment:
    """A passkey that is not there yet.

    Attributes:
        id: what `finish_passkey` takes. Hand it to the browser that asks, and to no other.
        options: what its page gives to ``navigator.credentials.create()``, by way of
            ``PublicKeyCredential.parseCreationOptionsFromJSON()``.
    """

    id: str
    options: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class AddedPasskey:
    """A passkey that was just added.

    Attributes:
        passkey: the passkey.
        recovery_codes: ten codes for whoever had no second factor before; shown here, and never again.
    """

    passkey: EnrolledPasskey
    recovery_codes: tuple[Secret, ...]


class PasskeyFactors(FactorChange[M]):
    """Passkeys as what somebody signs in by."""

    def __init__(self, world: World, mode: type[M]) -> None:
        super().__init__(world, mode)
        self._ceremonies = Ceremonies(world)

    @operation
    async def begin_passkey(self, user_id: str, discoverable: bool = True) -> PasskeyEnrolment:
        """Begin adding a passkey, and return what the browser has to be asked (W3C Web Authentication, section 7.1).

        It is bound to the domain of ``Settings.base_url``, or to ``Settings.passkey_domain``. The answer has to come
        within five minutes. Ask for a recent proof of identity before you call it.

        Args:
            user_id: whose.
            discoverable: whether it shall be found without a user name, so that one can sign in by it alone. It takes
                one of the few places of a security key.

        Raises:
            NotFound: there is no such user.
            ConfigurationError: the extra ``passkeys`` is not installed, or the base URL is that of no domain.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.mfa.begin_passkey(user.id).options["rp"]
            {'name': 'localhost', 'id': 'localhost'}
        """
        user = await self._row(user_id)
        known = (await kinds(self._world, user_id)).get("passkey", ())
        enrolment_id = new_id("pke")
        options = await self._ceremonies.begin_new(enrolment_id, user, known, discoverable=discoverable)
        return PasskeyEnrolment(enrolment_id, options)

    @operation
    async def finish_passkey(
        self, user_id: str, enrolment_id: str, response: object, name: str = "Passkey", keep: str | None = None
    ) -> AddedPasskey:
        """Add the passkey that a browser has made. From now on signing in by a password takes a second factor.

        Args:
            user_id: whose.
            enrolment_id: the ``id`` that `begin_passkey` gave. It is used up, whatever comes of it.
            response: the browser's ``PublicKeyCredential.toJSON()``, as a text or as read from JSON.
            name: what its owner calls it: 1 to 64 printable characters.
            keep: the id of the session that asks, which goes on; all others end.

        Raises:
            InvalidCredentials: anything at all is wrong with the response, or the passkey is there already.
            InvalidRequest: `name` is not acceptable.
            NotFound: there is no such user, or nothing was begun.
            Conflict: they have 20 passkeys, or were changed meanwhile.
            Unavailable: the store does not answer. It may be added or not; ask `passkeys`.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     begun = auth.mfa.begin_passkey(user.id)
            ...     auth.mfa.finish_passkey(user.id, begun.id, {"id": "what no browser says"})
            Traceback (most recent call last):
            ...
            plexe_auth.errors.InvalidCredentials: The passkey was not accepted.
        """
        user, called = await self._row(user_id), checked_name(name)
        await self._must_be_theirs(user_id, enrolment_id)
        note = Note("factor.add", user["account_id"], user_id=user_id, session_id=keep, detail="passkey")
        with refusals_told(self._world, note):
            before = await kinds(self._world, user_id)
            if len(before.get("passkey", ())) >= MOST:
                raise Conflict(f"There are {MOST} passkeys. Remove one that is not used any more.")
            made = await self._ceremonies.finish_new(enrolment_id, user, response)
        row = new_row(new_id("pky"), made, {"user_id": user_id, "name": called}, self._world.now())
        if await self._world.store.get("passkeys", "digest", row["digest"]) is not None:
            raise InvalidCredentials(REFUSED)
        codes, renewed = ((), ()) if has_factor(before) else new_codes(user_id)
        await self._change(user, {}, note, Insert("passkeys", row), *renewed, *self._ended(user_id, keep))
        self._told(user, f"the passkey {called} was added")
        return AddedPasskey(from_row(row), codes)

    @operation
    async def passkeys(self, user_id: str) -> tuple[EnrolledPasskey, ...]:
        """Return the passkeys of a user, oldest first.

        Raises:
            NotFound: there is no such user.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.mfa.passkeys(user.id)
            ()
        """
        await self._row(user_id)
        return await listed(self._world, user_id)

    @operation
    async def rename_passkey(self, user_id: str, passkey_id: str, name: str) -> EnrolledPasskey:
        """Call a passkey something else, and return it.

        Raises:
            NotFound: there is no such user, or they have no such passkey.
            InvalidRequest: `name` is not 1 to 64 printable characters.
            Unavailable: the store does not answer. It may be renamed or not; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.mfa.rename_passkey(user.id, "pky_unknown", "Phone")
            Traceback (most recent call last):
            ...
            plexe_auth.errors.NotFound: There is no such thing here.
        """
        user, called = await self._row(user_id), checked_name(name)
        row = await self._own(user_id, passkey_id)
        note = Note("factor.rename", user["account_id"], user_id=user_id, detail="passkey")
        renamed = Update("passkeys", (equal("id", row["id"]), equal("user_id", user_id)), {"name": called})
        with refusals_told(self._world, note):
            try:
                await commit(self._world, renamed, notes=[note])
            except Conflict:
                raise NotFound from None
        return from_row({**row, "name": called})

    @operation
    async def remove_passkey(self, user_id: str, passkey_id: str, keep: str | None = None) -> None:
        """Remove a passkey; with the last second factor go the recovery codes. Ask for a proof by a factor before.

        Args:
            user_id: whose.
            passkey_id: which.
            keep: the id of the session that asks, which goes on; all others end.

        Raises:
            NotFound: there is no such user, or they have no such passkey.
            Conflict: it is the only way in which they can sign in, or they were changed meanwhile.
            Unavailable: the store does not answer. It may be removed or not; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.mfa.remove_passkey(user.id, "pky_unknown")
            Traceback (most recent call last):
            ...
            plexe_auth.errors.NotFound: There is no such thing here.
        """
        user = await self._row(user_id)
        row, before = await self._own(user_id, passkey_id), await kinds(self._world, user_id)
        is_last = len(before.get("passkey", ())) == 1
        if is_last and user["password"] is None and not await self._has_identity(user_id):
            raise Conflict("It is the only way in which they can sign in.")
        note = Note("factor.remove", user["account_id"], user_id=user_id, session_id=keep, detail="passkey")
        gone = Delete("passkeys", (equal("id", row["id"]), equal("user_id", user_id)))
        codes = (codes_gone(user_id),) if is_last and "totp" not in before else ()
        await self._change(user, {}, note, gone, *codes, *self._ended(user_id, keep))
        self._told(user, f"the passkey {row['name']} was removed")

    async def _must_be_theirs(self, user_id: str, enrolment_id: object) -> None:
        ticket = place(NEW_PASSKEY, enrolment_id) if may_be_id(enrolment_id) else None
        row = await by_id(self._world, "tickets", ticket)
        if row is None or row["user_id"] != user_id:
            raise NotFound

    async def _own(self, user_id: str, passkey_id: object) -> Row:
        row = await by_id(self._world, "passkeys", passkey_id)
        if row is None or row["user_id"] != user_id:
            raise NotFound
        return row


async def listed(world: World, user_id: str) -> tuple[EnrolledPasskey, ...]:
    """Return the passkeys of a user, oldest first, in one read."""
    rows = await world.store.page(Query("passkeys", (equal("user_id", user_id),), ("id",), limit=2 * MOST))
    return tuple(sorted(map(from_row, rows), key=lambda one: (one.created_at, one.id)))
