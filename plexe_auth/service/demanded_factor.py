"""Whose account demands a second factor, and who has none, adds one while they sign in, and in no other case."""

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, InvalidCredentials
from plexe_auth.model.challenge import open_to
from plexe_auth.model.client import NOWHERE, Client, checked_client
from plexe_auth.model.note import Note
from plexe_auth.rows import Delete, Row, equal
from plexe_auth.secret import Secret
from plexe_auth.service.factors import kinds
from plexe_auth.service.posting import forgot, post
from plexe_auth.service.second_factor import REFUSED, SecondFactor, held_by
from plexe_auth.service.signed_in import SignedIn, signed_in
from plexe_auth.service.telling import refusals_told
from plexe_auth.service.tickets import all_forgotten
from plexe_auth.service.totp_enrolment import Enrolment, begun, confirmed, waiting


class DemandedFactor(SecondFactor[M]):
    """Adding a first second factor by a challenge."""

    @operation
    async def begin_totp(self, challenge_token: str) -> Enrolment:
        """Begin adding an authenticator app for whoever gets a challenge that nothing of theirs answers.

        Args:
            challenge_token: what a `Challenge` brought that says ``must_enrol``.

        Raises:
            InvalidCredentials: the challenge is not good any more, or there is a way to answer it.
            ConfigurationError: ``Settings.secret_keys`` is empty, or the extra ``mfa`` is not installed.
            Unavailable: the store does not answer.

        Example:
            >>> from datetime import timedelta
            >>> from plexe_auth import Auth, Settings
            >>> with Auth.open("memory://", settings=Settings(secret_keys=("correct horse battery staple",))) as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word", account_id="acct_42")
            ...     account = auth.accounts.require_mfa("acct_42", grace=timedelta(0))
            ...     challenge = auth.sign_in.with_password("ada@example.com", "a long and lovely word")
            ...     challenge.must_enrol, auth.sign_in.begin_totp(challenge.token.reveal()).uri.partition(":")[0]
            (True, 'otpauth')
        """
        holder = held_by(challenge_token)
        del challenge_token
        row = await self._unanswerable(holder)
        return await begun(self._world, row["user"])

    @operation
    async def confirm_totp(
        self, challenge_token: str, enrolment_id: str, code: str, client: Client = NOWHERE
    ) -> SignedIn:
        """Make the app that has shown a right code a second factor, and begin the session of whoever shows it.

        The result brings ten recovery codes.

        Args:
            challenge_token: as for `begin_totp`.
            enrolment_id: the ``id`` that `begin_totp` gave.
            code: what the app shows. It is used up.
            client: where from.

        Raises:
            InvalidCredentials: the code is not right, or the challenge is not good any more.
            NotFound: nothing was begun.
            RateLimitExceeded: too many codes were tried.
            InvalidRequest: `client` is no `Client`.
            Unavailable: the store does not answer. It may be active or not; sign in again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.sign_in.confirm_totp("plx_challenge_…", "fct_…", "123456")
            Traceback (most recent call last):
            ...
            plexe_auth.errors.InvalidCredentials: The answer is not right, or the challenge is not good any more.
        """
        holder, client = held_by(challenge_token), checked_client(client)
        del challenge_token
        note = Note("session.sign_in", client=client, detail="a factor was added")
        with refusals_told(self._world, note):
            row = await self._unanswerable(holder)
            user, shown = row["user"], tuple(row["methods"].split())
            factor = await waiting(self._world, user["id"], enrolment_id)
            await self._attempts.factor(user["id"])
            codes, changes = confirmed(self._world, factor, code)
            answered = Delete("challenges", (equal("id", row["id"]),))
            more = (answered, *changes, *all_forgotten(user["id"]))
            try:
                result = await signed_in(
                    self._world, user, (*shown, "totp"), client, note, more=more, effect="altered", codes=codes
                )
            except Conflict:
                raise InvalidCredentials(REFUSED) from None
        added = "an authenticator app was added"
        post(self._world, lambda letters, links: letters.factor_changed(user["email"], added, forgot(links)))
        return result

    async def _unanswerable(self, holder: Secret) -> Row:
        row = await self._challenge(holder)
        factors, shown = await kinds(self._world, row["user"]["id"]), tuple(row["methods"].split())
        if open_to(row["user"], factors, shown, by_mail=self._world.can_mail_codes):
            raise InvalidCredentials(REFUSED)
        return row
