"""A key is renamed, bounded, disabled and revoked here; what is revoked stays so, and the first revocation is kept."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Any, Final, Literal

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, InvalidRequest
from plexe_auth.model.instant import checked_instant, to_microseconds
from plexe_auth.model.key import APIKey, terms_columns
from plexe_auth.model.metadata import encoded
from plexe_auth.model.network import checked_networks
from plexe_auth.model.note import Note, detail
from plexe_auth.model.permission import Permissions
from plexe_auth.model.principal import Principal
from plexe_auth.model.rate import checked_rate
from plexe_auth.model.terms import checked_permissions
from plexe_auth.model.text import LONGEST_ID, LONGEST_NAME, LONGEST_REASON, checked
from plexe_auth.rows import Add, Greatest, Row, Update, Value, equal
from plexe_auth.service.authority import TRUSTED, Authority, authority
from plexe_auth.service.committing import Effect, commit
from plexe_auth.service.key_base import KeyService, Step
from plexe_auth.service.telling import told


class Unset(Enum):
    """Stands for an argument that was left out, where ``None`` means something."""

    UNSET = "…"


UNSET: Final = Unset.UNSET
Left = Literal[Unset.UNSET]
_NOTHING = Step({})
_ENDED_ALREADY = Step({}, effect="narrowed")


class KeyChange(KeyService[M]):
    """Changing keys."""

    @operation
    async def update(
        self,
        key_id: str,
        name: str | Left = UNSET,
        permissions: Permissions | str | Iterable[str] | Left = UNSET,
        expires_at: datetime | None | Left = UNSET,
        allowed_ips: Iterable[str] | Left = UNSET,
        rate: str | None | Left = UNSET,
        metadata: Mapping[str, Any] | None | Left = UNSET,
        by: Principal | None = None,
        if_version: int | None = None,
    ) -> APIKey:
        """Change what is named, leave the rest, and return the key.

        Args:
            key_id: the key.
            name: see `create`.
            permissions: see `create`.
            expires_at: an instant with a time zone; ``None`` is never.
            allowed_ips: see `create`.
            rate: see `create`; ``None`` is unlimited.
            metadata: see `create`; it replaces what was there.
            by: who asks. No value named may exceed what they have; and where a value widens the key, nothing of the
                key may exceed it afterwards.
            if_version: only if it is still the key's ``version``; ``None`` is whatever it is.

        Raises:
            NotFound: there is no such key, or it belongs to another account than that of `by`.
            InvalidRequest: a value is not acceptable; ``field`` names it.
            InsufficientPermissions: `by` may not manage keys, or has less than this.
            Conflict: others kept changing it at the same time.
            PreconditionFailed: the key has another `version` by now.
            Unavailable: the store does not answer. It may or may not be changed; look again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     key = auth.keys.create("acct_42", name="CI").key
            ...     auth.keys.update(key.id, name="CI, nightly").name
            'CI, nightly'
        """
        terms = _named_terms(permissions, expires_at, allowed_ips, rate)
        columns: dict[str, Value] = {}
        if name is not UNSET:
            columns["name"] = checked("name", name, LONGEST_NAME)
        if metadata is not UNSET:
            columns["metadata"] = encoded(metadata)
        with self._refusals_told("key.update", by, key_id=key_id):
            asker = await authority(self._world, by)
            asker.must_hold(terms)

            def change(key: APIKey, _row: Row) -> Step:
                changed = replace(key, **terms)
                asker.must_allow(key.terms, changed.terms)
                kept = terms_columns(changed)
                return Step({**columns, **{column: kept[column] for column in terms}}, effect=_effect(key, changed))

            return await self._change(key_id, asker, change, "key.update", version=if_version)

    @operation
    async def revoke(
        self, key_id: str, reason: str = "", by: Principal | None = None, if_version: int | None = None
    ) -> APIKey:
        """End the key for good and return it. Revoking it again changes nothing and is no error.

        Args:
            key_id: the key.
            reason: why, at most 1,000 characters; kept with the key.
            by: who asks.
            if_version: only if it is still the key's ``version``; ``None`` is whatever it is.

        Raises:
            NotFound: there is no such key, or it belongs to another account than that of `by`.
            InvalidRequest: `reason` is no text that can be stored.
            InsufficientPermissions: `by` may not manage keys.
            PreconditionFailed: the key has another `version` by now.
            Unavailable: the store does not answer. The key may or may not be revoked; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     key = auth.keys.create("acct_42", name="CI").key
            ...     auth.keys.revoke(key.id, reason="left the team").revoked_reason
            'left the team'
        """
        checked("reason", reason, LONGEST_REASON, shortest=0)
        with self._refusals_told("key.revoke", by, key_id=key_id):
            asker = await authority(self._world, by)
            return await self._change(key_id, asker, self._revocation(reason), "key.revoke", reason, if_version)

    @operation
    async def revoke_all(self, account_id: str, reason: str = "") -> int:
        """End every key of the account for good, and return how many were not revoked before.

        Args:
            account_id: whose keys.
            reason: why, at most 1,000 characters; kept with each key.

        Raises:
            InvalidRequest: `account_id` or `reason` is no text that can be stored.
            Unavailable: the store does not answer. Some keys may be revoked; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     keys = [auth.keys.create("acct_42", name=name).key for name in ("one", "two")]
            ...     auth.keys.revoke_all("acct_42", reason="contract ended")
            2
        """
        checked("account_id", account_id, LONGEST_ID)
        checked("reason", reason, LONGEST_REASON, shortest=0)
        now = to_microseconds(self._world.now())
        standing = (equal("account_id", account_id), equal("revoked_at", None))
        ended: dict[str, Value | Add | Greatest] = {
            "revoked_at": now,
            "revoked_reason": reason,
            "version": Add(1),
        }
        revoked = Update("keys", standing, ended, several=True)
        note = Note("key.revoke_all", account_id, detail=detail(None, reason))
        with self._refusals_told("key.revoke_all", None, account_id=account_id):
            return (await commit(self._world, revoked, effect="narrowed", notes=[note]))[0]

    @operation
    async def revoke_leaked(self, text: str, reason: str = "") -> APIKey | None:
        """End the key whose whole text somebody has found, and return it; ``None`` for a text that is no key here.

        Whoever holds a key may end it: nothing else is asked for. Made for reports of secret scanners.

        Args:
            text: the key as it was found.
            reason: where, at most 1,000 characters; kept with the key.

        Raises:
            InvalidRequest: `text` is no text at all, or `reason` no text that can be stored.
            Unavailable: the store does not answer. The key may or may not be revoked; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     issued = auth.keys.create("acct_42", name="CI")
            ...     auth.keys.revoke_leaked(issued.secret.reveal(), reason="in a public repository").id == issued.key.id
            True
        """
        is_text = isinstance(text, str)  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
        digests = self._digests.all(text) if self._format.accepts(text) else ()
        del text
        if not is_text:
            raise InvalidRequest("text must be a text.", field="text")
        checked("reason", reason, LONGEST_REASON, shortest=0)
        with self._refusals_told("key.revoke_leaked", None):
            row = await self._judge.row(digests)
            if row is None:
                told(self._world, Note("key.revoke_leaked", detail="no key of ours"))
                return None
            return await self._change(row["id"], TRUSTED, self._revocation(reason), "key.revoke_leaked", reason)

    @operation
    async def disable(self, key_id: str, by: Principal | None = None) -> APIKey:
        """Refuse the key until it is enabled again, and return it. Disabling it twice keeps the first time.

        Args:
            key_id: the key.
            by: who asks.

        Raises:
            NotFound: there is no such key, or it belongs to another account than that of `by`.
            Conflict: it is revoked or has expired.
            InsufficientPermissions: `by` may not manage keys.
            Unavailable: the store does not answer. The key may or may not be disabled; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     key = auth.keys.create("acct_42", name="CI").key
            ...     auth.keys.disable(key.id).disabled_at is None
            False
        """
        with self._refusals_told("key.disable", by, key_id=key_id):
            asker = await authority(self._world, by)
            return await self._change(key_id, asker, self._switch(asker, on=False), "key.disable")

    @operation
    async def enable(self, key_id: str, by: Principal | None = None) -> APIKey:
        """Accept the key again, and return it. Enabling one that is not disabled changes nothing.

        Args:
            key_id: the key.
            by: who asks; they must have all that the key has.

        Raises:
            NotFound: there is no such key, or it belongs to another account than that of `by`.
            Conflict: it is revoked or has expired.
            InsufficientPermissions: `by` may not manage keys, or has less than the key.
            Unavailable: the store does not answer. The key may or may not be enabled; ask again.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     key = auth.keys.disable(auth.keys.create("acct_42", name="CI").key.id)
            ...     auth.keys.enable(key.id).disabled_at is None
            True
        """
        with self._refusals_told("key.enable", by, key_id=key_id):
            asker = await authority(self._world, by)
            return await self._change(key_id, asker, self._switch(asker, on=True), "key.enable")

    def _revocation(self, reason: str) -> Callable[[APIKey, Row], Step]:
        def revoke(key: APIKey, _row: Row) -> Step:
            if key.revoked_at is not None:
                return _ENDED_ALREADY
            now = to_microseconds(self._world.now())
            return Step({"revoked_at": now, "revoked_reason": reason}, overrides=True, effect="narrowed")

        return revoke

    def _switch(self, asker: Authority, *, on: bool) -> Callable[[APIKey, Row], Step]:
        def switch(key: APIKey, _row: Row) -> Step:
            now = self._world.now()
            if key.revoked(now) or key.expired(now):
                raise Conflict
            if on:
                asker.must_cover(key.terms)
            if on == (key.disabled_at is None):
                return _NOTHING if on else _ENDED_ALREADY
            return Step({"disabled_at": None if on else to_microseconds(now)}, effect="none" if on else "narrowed")

        return switch


def _effect(before: APIKey, after: APIKey) -> Effect:
    if before.terms == after.terms:
        return "none"
    return "altered" if before.terms.excess(after.terms) is None else "narrowed"


def _named_terms(
    permissions: Permissions | str | Iterable[str] | Left,
    expires_at: datetime | None | Left,
    allowed_ips: Iterable[str] | Left,
    rate: str | None | Left,
) -> dict[str, Any]:
    named: dict[str, Any] = {}
    if permissions is not UNSET:
        named["permissions"] = checked_permissions(permissions)
    if expires_at is not UNSET:
        named["expires_at"] = None if expires_at is None else checked_instant("expires_at", expires_at)
    if allowed_ips is not UNSET:
        named["allowed_ips"] = checked_networks("allowed_ips", allowed_ips)
    if rate is not UNSET:
        named["rate"] = checked_rate(rate)
    return named
