"""``auth.mfa``: second factors are added, confirmed and removed; each change is told, and ends all other sessions."""

from dataclasses import dataclass, field

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, InvalidCredentials, NotFound
from plexe_auth.identifier import new_id
from plexe_auth.model import recovery, totp
from plexe_auth.model.challenge import is_due, open_to
from plexe_auth.model.note import Note
from plexe_auth.model.text import may_be_id
from plexe_auth.qr import svg
from plexe_auth.rows import Change, Delete, Insert, Row, Update, equal, present
from plexe_auth.secret import Secret
from plexe_auth.service.factors import kinds, opened, sealed
from plexe_auth.service.posting import forgot
from plexe_auth.service.tickets import all_forgotten
from plexe_auth.service.user_base import UserService, sessions_ended


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A second factor that is not active yet.

    Attributes:
        id: what `confirm_totp` takes.
        secret: what an app that reads no picture is given by hand.
        uri: the same as an ``otpauth://`` URI.
        svg: the same as a picture.
    """

    id: str
    secret: Secret
    uri: str = field(repr=False)
    svg: str = field(repr=False)


class MFA(UserService[M]):
    """Second factors. Reached as ``auth.mfa``. Ask for a recent proof of identity before you call what changes them."""

    @operation
    async def begin_totp(self, user_id: str) -> Enrolment:
        """Begin adding an authenticator app, and return what it has to be given: here, and never again.

        Nothing is asked for at sign-in before it is confirmed. Beginning anew forgets what was begun before.

        Args:
            user_id: whose.

        Raises:
            NotFound: there is no such user.
            ConfigurationError: ``Settings.secret_keys`` is empty, or the extra ``mfa`` is not installed.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth, Settings
            >>> with Auth.open("memory://", settings=Settings(secret_keys=("correct horse battery staple",))) as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.mfa.begin_totp(user.id).uri.partition("?")[0]
            'otpauth://totp/localhost:ada%40example.com'
        """
        user = await self._row(user_id)
        secret, factor_id = totp.new_secret(), new_id("fct")
        uri = totp.uri(secret, self._world.letters.product, user["email"])
        row = {"id": factor_id, "user_id": user_id, "kind": "totp", "created_at": self._now(), "confirmed_at": None}
        kept = {**row, "secret": sealed(self._world, secret, user_id, factor_id), "last_step": None}
        begun = (equal("user_id", user_id), equal("kind", "totp"), equal("confirmed_at", None))
        await self._world.store.commit(Delete("factors", begun, several=True), Insert("factors", kept))
        return Enrolment(factor_id, secret, uri.reveal(), svg(uri).reveal())

    @operation
    async def confirm_totp(
        self, user_id: str, enrolment_id: str, code: str, keep: str | None = None
    ) -> tuple[Secret, ...]:
        """Make an authenticator app that has shown a right code a second factor, and return ten recovery codes.

        They are shown here and never again; those from before are void. From now on signing in takes a second factor.

        Args:
            user_id: whose.
            enrolment_id: the ``id`` that `begin_totp` gave.
            code: what the app shows. It is used up.
            keep: the id of the session that asks, which goes on; all others end.

        Raises:
            NotFound: there is no such user, or nothing was begun.
            InvalidCredentials: the code is not right.
            RateLimitExceeded: too many codes were tried.
            Conflict: somebody else has just confirmed it.
            Unavailable: the store does not answer. It may be active or not.

        Example:
            >>> from datetime import UTC, datetime
            >>> from plexe_auth import Auth, Settings
            >>> from plexe_auth.model.totp import STEP, _codes
            >>> with Auth.open("memory://", settings=Settings(secret_keys=("correct horse battery staple",))) as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     begun = auth.mfa.begin_totp(user.id)
            ...     step = (datetime.now(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // STEP
            ...     code = _codes(begun.secret, range(step, step + 1))[0].decode()    # what the app shows
            ...     len(auth.mfa.confirm_totp(user.id, begun.id, code)), auth.mfa.methods(user.id)
            (10, ('totp', 'recovery'))
        """
        user = await self._row(user_id)
        row = await self._begun(user_id, enrolment_id)
        note = Note("factor.add", user["account_id"], user_id=user_id, session_id=keep, detail="totp")
        await self._attempts.factor(user_id)
        step = totp.matched_step(opened(self._world, row), code, self._world.now(), None)
        if step is None:
            raise InvalidCredentials("The code is not right.")
        others = (equal("user_id", user_id), equal("kind", "totp"), present("confirmed_at"))
        here = (equal("id", row["id"]), equal("confirmed_at", None))
        confirmed = Update("factors", here, {"confirmed_at": self._now(), "last_step": step})
        codes, renewed = self._codes(user_id)
        await self._change(
            user, {}, note, Delete("factors", others, several=True), confirmed, *renewed, *self._ended(user_id, keep)
        )
        self._told(user, "an authenticator app was added")
        return codes

    @operation
    async def disable_totp(self, user_id: str, keep: str | None = None) -> None:
        """Remove the authenticator app and the recovery codes. Ask for a proof by a factor before you call it.

        Args:
            user_id: whose.
            keep: the id of the session that asks, which goes on; all others end.

        Raises:
            NotFound: there is no such user.
            Conflict: the user was changed meanwhile.
            Unavailable: the store does not answer. It may be removed or not; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.mfa.disable_totp(user.id)
            ...     auth.mfa.methods(user.id)
            ()
        """
        user = await self._row(user_id)
        note = Note("factor.remove", user["account_id"], user_id=user_id, session_id=keep, detail="totp")
        theirs = (equal("user_id", user_id),)
        gone = (Delete("factors", (*theirs, equal("kind", "totp")), several=True), _codes_gone(user_id))
        await self._change(user, {}, note, *gone, *self._ended(user_id, keep))
        self._told(user, "the authenticator app was removed")

    @operation
    async def renew_recovery_codes(self, user_id: str) -> tuple[Secret, ...]:
        """Return ten new recovery codes: here, and never again. Those from before are void.

        Raises:
            NotFound: there is no such user.
            Conflict: they have no second factor that these could stand in for, or were changed meanwhile.
            Unavailable: the store does not answer. The old ones may be void or not.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.mfa.renew_recovery_codes(user.id)
            Traceback (most recent call last):
            ...
            plexe_auth.errors.Conflict: The state of the thing does not allow this.
        """
        user = await self._row(user_id)
        if not is_due(await kinds(self._world, user_id)):
            raise Conflict
        codes, renewed = self._codes(user_id)
        await self._change(user, {}, Note("factor.renew_recovery_codes", user["account_id"], user_id=user_id), *renewed)
        self._told(user, "the recovery codes were renewed")
        return codes

    @operation
    async def methods(self, user_id: str) -> tuple[str, ...]:
        """Return by which second factors the user can sign in; none where a password is enough.

        Raises:
            NotFound: there is no such user.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word")
            ...     auth.mfa.methods(user.id)
            ()
        """
        user = await self._row(user_id)
        return open_to(user, await kinds(self._world, user_id), (), by_mail=self._world.can_mail_codes)

    async def _begun(self, user_id: str, enrolment_id: object) -> Row:
        row = None
        if isinstance(enrolment_id, str) and may_be_id(enrolment_id):
            row = await self._world.store.get("factors", "id", enrolment_id)
        if row is None or row["user_id"] != user_id or row["confirmed_at"] is not None:
            raise NotFound
        return row

    def _codes(self, user_id: str) -> tuple[tuple[Secret, ...], tuple[Change, ...]]:
        codes = recovery.new_codes()
        names = (recovery.code_digest(user_id, recovery.canonical(one.reveal()) or "").hex() for one in codes)
        made = (Insert("recovery_codes", {"id": name, "user_id": user_id}) for name in names)
        return codes, (_codes_gone(user_id), *made)

    def _ended(self, user_id: str, keep: str | None) -> tuple[Change, ...]:
        return (*all_forgotten(user_id), sessions_ended(user_id, self._now(), keep))

    def _told(self, user: Row, what: str) -> None:
        self._post(user["email"], lambda letters, links, to: letters.factor_changed(to, what, forgot(links)))


def _codes_gone(user_id: str) -> Change:
    return Delete("recovery_codes", (equal("user_id", user_id),), several=True)
