"""Accounts are suspended and resumed as one, with all their keys and sessions; nothing else has to be set up."""

from datetime import timedelta

from plexe_auth.bridge import M, Service, operation
from plexe_auth.errors import InvalidRequest
from plexe_auth.model.account import Account, from_row
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.note import Note
from plexe_auth.model.text import LONGEST_ID, LONGEST_REASON, checked
from plexe_auth.rows import Ensure, Update, Value, equal
from plexe_auth.service.committing import commit
from plexe_auth.service.telling import refusals_told
from plexe_auth.world import World

GRACE = timedelta(days=7)
_LONGEST_GRACE = timedelta(days=366)


class Accounts(Service[M]):
    """The accounts that keys belong to. Reached as ``auth.accounts``."""

    def __init__(self, world: World, mode: type[M]) -> None:
        super().__init__(mode)
        self._world = world
        self._all = (world.epoch, world.session_epoch)

    @operation
    async def get(self, account_id: str) -> Account:
        """Return the account. One that was never heard of is active.

        Args:
            account_id: any text of the host's, at most 255 characters.

        Raises:
            InvalidRequest: `account_id` is no text that can be stored.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.accounts.get("acct_42")
            Account(id='acct_42', status='active', suspended_at=None, suspended_reason=None, mfa_required_at=None)
        """
        return await self._get(account_id)

    @operation
    async def suspend(self, account_id: str, reason: str = "") -> Account:
        """Suspend the account and return it: from now on none of its keys is accepted.

        Suspending it twice keeps the first time and reason.

        Args:
            account_id: any text of the host's, at most 255 characters; it need not have a key yet.
            reason: why, at most 1,000 characters; kept with the account.

        Raises:
            InvalidRequest: `account_id` or `reason` is no text that can be stored.
            Unavailable: the store does not answer. The account may or may not be suspended; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.accounts.suspend("acct_42", reason="unpaid").status
            'suspended'
        """
        checked("account_id", account_id, LONGEST_ID)
        checked("reason", reason, LONGEST_REASON, shortest=0)
        since: dict[str, Value] = {
            "suspended_at": to_microseconds(self._world.now()),
            "suspended_reason": reason,
        }
        active = (equal("id", account_id), equal("suspended_at", None))
        suspended = Update("accounts", active, since, several=True)
        note = Note("account.suspend", account_id, detail=reason or None)
        with refusals_told(self._world, note):
            await commit(self._world, self._there(account_id), suspended, effect="narrowed", notes=[note], on=self._all)
            return await self._get(account_id)

    @operation
    async def resume(self, account_id: str) -> Account:
        """Let the account's keys be accepted again, and return it. Each key is then in the state it has by itself.

        Args:
            account_id: the account. One that is not suspended stays as it is.

        Raises:
            InvalidRequest: `account_id` is no text that can be stored.
            Unavailable: the store does not answer. The account may or may not be resumed; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     suspended = auth.accounts.suspend("acct_42")
            ...     auth.accounts.resume("acct_42").status
            'active'
        """
        checked("account_id", account_id, LONGEST_ID)
        cleared: dict[str, Value] = {"suspended_at": None, "suspended_reason": None}
        note = Note("account.resume", account_id)
        resumed = Update("accounts", (equal("id", account_id),), cleared, several=True)
        with refusals_told(self._world, note):
            await commit(self._world, resumed, notes=[note])
            return await self._get(account_id)

    @operation
    async def require_mfa(self, account_id: str, grace: timedelta = GRACE) -> Account:
        """Have nobody of the account in without a second factor once a time of grace is over, and return it.

        Whoever has none by then adds one while they sign in. Sessions that were begun with one factor are refused
        then. API keys are not touched.

        Args:
            account_id: the account.
            grace: until when people may go on without; seven days by default, ``timedelta(0)`` for from now on. Asking
                again sets it anew.

        Raises:
            InvalidRequest: `account_id` is no text that can be stored, or `grace` no span of up to a year.
            Unavailable: the store does not answer. It may be demanded or not; ask again.

        Example:
            >>> from datetime import timedelta
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     account = auth.accounts.require_mfa("acct_42", grace=timedelta(days=14))
            ...     account.mfa_required_at is None
            False
        """
        checked("account_id", account_id, LONGEST_ID)
        since = to_microseconds(self._world.now() + _checked(grace))
        return await self._demanded(account_id, since, Note("account.require_mfa", account_id))

    @operation
    async def waive_mfa(self, account_id: str) -> Account:
        """Leave it to the people of the account again whether they have a second factor, and return it.

        Whoever has one is asked for it all the same.

        Raises:
            InvalidRequest: `account_id` is no text that can be stored.
            Unavailable: the store does not answer. It may be demanded or not; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     account = auth.accounts.require_mfa("acct_42")
            ...     auth.accounts.waive_mfa("acct_42").mfa_required_at is None
            True
        """
        checked("account_id", account_id, LONGEST_ID)
        return await self._demanded(account_id, None, Note("account.waive_mfa", account_id))

    async def _demanded(self, account_id: str, since: int | None, note: Note) -> Account:
        changed = Update("accounts", (equal("id", account_id),), {"mfa_required_at": since})
        with refusals_told(self._world, note):
            sessions = (self._world.session_epoch,)
            await commit(self._world, self._there(account_id), changed, effect="narrowed", notes=[note], on=sessions)
            return await self._get(account_id)

    async def _get(self, account_id: str) -> Account:
        checked("account_id", account_id, LONGEST_ID)
        return from_row(account_id, await self._world.store.get("accounts", "id", account_id))

    def _there(self, account_id: str) -> Ensure:
        return Ensure(
            "accounts",
            {
                "id": account_id,
                "suspended_at": None,
                "suspended_reason": None,
                "mfa_required_at": None,
            },
        )


def _checked(grace: object) -> timedelta:
    if not isinstance(grace, timedelta) or not timedelta(0) <= grace <= _LONGEST_GRACE:
        raise InvalidRequest("grace must be a timedelta of up to a year.", field="grace")
    return grace
