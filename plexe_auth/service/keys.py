"""``auth.keys``: everything that can be done with API keys."""

from plexe_auth.bridge import M, operation
from plexe_auth.model.key import APIKey, Status, from_row
from plexe_auth.service.authority import TRUSTED
from plexe_auth.service.key_change import KeyChange
from plexe_auth.service.key_issue import KeyIssue
from plexe_auth.service.key_verify import KeyVerify
from plexe_auth.service.page import Page


class Keys(KeyIssue[M], KeyVerify[M], KeyChange[M]):
    """API keys: made, verified, listed, changed, rotated and revoked."""

    @operation
    async def get(self, key_id: str) -> APIKey:
        """Return the key with this id, in whatever state it is.

        Args:
            key_id: the key.

        Raises:
            NotFound: there is none.
            InvalidRequest: `key_id` is no text.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     key = auth.keys.create("acct_42", name="CI").key
            ...     auth.keys.get(key.id) == key
            True
        """
        return from_row(await self._row(key_id, TRUSTED))

    @operation
    async def page(
        self, account_id: str, after: str | None = None, limit: int = 50, status: Status | None = None
    ) -> Page[APIKey]:
        """Return an account's keys, newest first.

        Args:
            account_id: whose keys.
            after: the ``next`` of the page before; ``None`` begins with the newest.
            limit: at most so many, 1 to 200.
            status: only keys that are ``"active"``, ``"expired"``, ``"revoked"`` or ``"disabled"``; ``None`` is all. No
                more than five hundred keys are looked at for such a page, so it may hold fewer than `limit`, even
                none, and have a ``next`` all the same.

        Raises:
            InvalidRequest: an argument is not acceptable; ``field`` names it.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     keys = [auth.keys.create("acct_42", name=name).key for name in ("one", "two", "three")]
            ...     first = auth.keys.page("acct_42", limit=2)
            ...     rest = auth.keys.page("acct_42", after=first.next)
            ...     [key.name for key in (*first, *rest)], rest.next
            (['three', 'two', 'one'], None)
        """
        found = await self._rows.page(account_id, after, limit, status)
        return Page(tuple(map(from_row, found.items)), found.next)
