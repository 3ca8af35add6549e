"""Accounts are suspended and resumed as one, with all their keys and sessions; nothing else has to be set up."""

from plexe_auth.bridge import M, Service, operation
from plexe_auth.model.account import Account, from_row
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.note import Note
from plexe_auth.model.text import LONGEST_ID, LONGEST_REASON, checked
from plexe_auth.rows import Ensure, Update, Value, equal
from plexe_auth.service.committing import commit
from plexe_auth.service.telling import refusals_told
from plexe_auth.world import World


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
            Account(id='acct_42', status='active', suspended_at=None, suspended_reason=None)
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
