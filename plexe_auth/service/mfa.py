"""``auth.mfa``: second factors are added, confirmed and removed; each change is told, and ends all other sessions."""

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict
from plexe_auth.model.challenge import has_factor, open_to
from plexe_auth.model.note import Note
from plexe_auth.rows import Delete, equal
from plexe_auth.secret import Secret
from plexe_auth.service.factor_change import codes_gone, new_codes
from plexe_auth.service.factors import kinds
from plexe_auth.service.passkey_factors import PasskeyFactors
from plexe_auth.service.telling import refusals_told
from plexe_auth.service.totp_enrolment import Enrolment, begun, confirmed, waiting


class MFA(PasskeyFactors[M]):
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
        return await begun(self._world, await self._row(user_id))

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
        row = await waiting(self._world, user_id, enrolment_id)
        note = Note("factor.add", user["account_id"], user_id=user_id, session_id=keep, detail="totp")
        with refusals_told(self._world, note):
            await self._attempts.factor(user_id)
            codes, changes = confirmed(self._world, row, code)
        await self._change(user, {}, note, *changes, *self._ended(user_id, keep))
        self._told(user, "an authenticator app was added")
        return codes

    @operation
    async def disable_totp(self, user_id: str, keep: str | None = None) -> None:
        """Remove the authenticator app; with the last second factor go the recovery codes.

        Ask for a proof by a factor before you call it.

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
        before = await kinds(self._world, user_id)
        gone = Delete("factors", (equal("user_id", user_id), equal("kind", "totp")), several=True)
        codes = () if "passkey" in before else (codes_gone(user_id),)
        await self._change(user, {}, note, gone, *codes, *self._ended(user_id, keep))
        self._told(user, "the authenticator app was removed")

    @operation
    async def renew_recovery_codes(self, user_id: str, if_version: int | None = None) -> tuple[Secret, ...]:
        """Return ten new recovery codes: here, and never again. Those from before are void.

        Args:
            user_id: whose.
            if_version: the version that the user must still have, so that what is asked twice is done once; ``None`` is
                any.

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
        if if_version not in (None, user["version"]) or not has_factor(await kinds(self._world, user_id)):
            raise Conflict
        codes, renewed = new_codes(user_id)
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
        found = await kinds(self._world, user_id)
        return open_to(user, found, (), by_mail=self._world.can_mail_codes) if has_factor(found) else ()
