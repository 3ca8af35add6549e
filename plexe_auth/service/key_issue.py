"""A key's text is made here, handed out once, and kept only as a digest; a rotated key hands over with an overlap."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from plexe_auth.bridge import M, operation
from plexe_auth.errors import Conflict, InsufficientPermissions
from plexe_auth.identifier import new_id
from plexe_auth.model.creation import Creation, creation
from plexe_auth.model.instant import after, to_microseconds
from plexe_auth.model.key import APIKey, IssuedKey, from_row, new_row, terms_columns
from plexe_auth.model.metadata import encoded
from plexe_auth.model.network import checked_networks
from plexe_auth.model.note import Note, detail
from plexe_auth.model.permission import READ_ONLY, Permissions
from plexe_auth.model.principal import Principal
from plexe_auth.model.rate import checked_rate
from plexe_auth.model.terms import Terms, checked_permissions
from plexe_auth.model.text import LONGEST_ID, LONGEST_NAME, checked
from plexe_auth.rows import Insert, Row, Value
from plexe_auth.secret import Secret
from plexe_auth.service.authority import Authority, authority
from plexe_auth.service.committing import commit
from plexe_auth.service.key_base import KeyService, Step, refuse_suspended

_SHORTEST_LIFE = timedelta(microseconds=1)


class KeyIssue(KeyService[M]):
    """Making keys."""

    @operation
    async def create(
        self,
        account_id: str,
        name: str,
        permissions: Permissions | str | Iterable[str] = READ_ONLY,
        expires_in: timedelta | None = None,
        allowed_ips: Iterable[str] = (),
        rate: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        by: Principal | None = None,
        idempotency_key: str | None = None,
    ) -> IssuedKey:
        """Make a key and return it with its text, which cannot be had again.

        Args:
            account_id: whom it acts for; any text of the host's, at most 255 characters, without set-up.
            name: what its owner calls it, at most 255 characters.
            permissions: what it may do, such as ``"models:read jobs:write"``; reading by default.
            expires_in: how long it lives, at least a microsecond; ``None`` is for ever.
            allowed_ips: addresses and CIDR blocks it may be used from, at most 100; none is anywhere.
            rate: how often it may be used, such as ``100/minute; 5000/day``; ``None`` is unlimited.
            metadata: a JSON object of the host's own, at most 16 KiB and 32 levels deep.
            by: who asks. What is left out is inherited from them, and nothing may exceed what they have.
            idempotency_key: a name for this creation, of 8 to 128 visible characters of ASCII. Within a day, only the
                first one under that name in the account makes a key.

        Raises:
            InvalidRequest: a value is not acceptable; ``field`` names it. Or another key was asked for under this
                `idempotency_key`.
            Conflict: a key was made under this `idempotency_key` before; ``key_id`` names it.
            AccountSuspended: the account is suspended.
            InsufficientPermissions: `by` may not manage keys, not in this account, or not as much as this.
            AuthError: `by` was revoked or disabled, or has expired; as `verify` would tell it.
            TypeError: `by` is neither ``None`` nor a `Principal`. Everything else that takes `by` says so too.
            Unavailable: the store does not answer. No key can be used; its text was shown to nobody.

        Example:
            >>> from plexe_auth import Auth, READ_WRITE
            >>> with Auth.open("memory://") as auth:
            ...     issued = auth.keys.create("acct_42", name="CI", permissions=READ_WRITE)
            ...     issued.secret.reveal()[:7], str(issued.key.permissions)
            ('plx_sk_', 'read write')
        """
        now = self._world.now()
        fixed = {
            "account_id": checked("account_id", account_id, LONGEST_ID),
            "name": checked("name", name, LONGEST_NAME),
        }
        asked = _terms(now, permissions, expires_in, allowed_ips, rate)
        noted = encoded(metadata)
        once = creation(idempotency_key, account_id, (name, *_told(asked), expires_in, noted))
        with self._refusals_told("key.create", by, account_id=account_id):
            asker = await authority(self._world, by)
            asker.must_own(account_id, InsufficientPermissions)
            await self._active(account_id)
            secret, row = self._born(now, {**fixed, **terms_columns(asker.bounded(asked)), "metadata": noted})
            note = Note("key.create", account_id, row["id"], detail=detail(asker.id))
            await self._added(row, note, once, now)
            return IssuedKey(secret, from_row(row))

    async def _added(self, row: Row, note: Note, once: Creation | None, now: datetime) -> None:
        try:
            taken = () if once is None else once.taken(row["id"], now)
            await commit(self._world, *taken, Insert("keys", row), notes=[note])
        except Conflict:
            if once is None:
                raise
            raise once.refusal(await self._store.get("tickets", "id", once.id), now) from None

    @operation
    async def rotate(
        self,
        key_id: str,
        overlap: timedelta = timedelta(hours=24),
        by: Principal | None = None,
        if_version: int | None = None,
    ) -> IssuedKey:
        """Make the key that takes this one's place, with the same terms; both work until the overlap ends.

        The new key expires when the old one would have, and shares its rate limit.

        Args:
            key_id: the key to replace.
            overlap: how long the old key goes on working; 24 hours by default, zero ends it at once.
            by: who asks; they must have all that the key has.
            if_version: only if it is still the key's ``version``; ``None`` is whatever it is.

        Raises:
            NotFound: there is no such key, or it belongs to another account than that of `by`.
            Conflict: it is disabled, revoked, expired or already rotated, perhaps by somebody else just now.
            PreconditionFailed: the key has another `version` by now.
            AccountSuspended: the account is suspended.
            InvalidRequest: `overlap` is negative, too long, or no `timedelta`; or `key_id` is no text.
            InsufficientPermissions: `by` may not manage keys, or has less than the key.
            Unavailable: the store does not answer. The old key works, for the overlap at least; rotate it again, and
                where that is a `Conflict`, revoke the successor named in `rotated_to`, whose text nobody has.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     old = auth.keys.create("acct_42", name="CI")
            ...     new = auth.keys.rotate(old.key.id)
            ...     auth.keys.verify(old.secret.reveal()).id == old.key.id
            ...     auth.keys.get(old.key.id).rotated_to == new.key.id
            True
            True
        """
        after(self._world.now(), "overlap", overlap, least=timedelta(0))
        born: list[IssuedKey] = []
        with self._refusals_told("key.rotate", by, key_id=key_id):
            asker = await authority(self._world, by)

            def replace(key: APIKey, row: Row) -> Step:
                step, issued = self._replacement(key, row, overlap, asker)
                born[:] = [issued]
                return step

            await self._change(key_id, asker, replace, "key.rotate", version=if_version)
        return born[0]

    def _replacement(self, key: APIKey, row: Row, overlap: timedelta, asker: Authority) -> tuple[Step, IssuedKey]:
        now = self._world.now()
        refuse_suspended(key.account_id, row["account"])
        if key.status(now) != "active" or key.rotated_to is not None:
            raise Conflict
        asker.must_cover(key.terms)
        inherited = (
            "account_id",
            "name",
            "permissions",
            "expires_at",
            "allowed_ips",
            "rate",
            "metadata",
            "family",
        )
        secret, successor = self._born(now, {column: row[column] for column in inherited})
        retires_at = to_microseconds(after(now, "overlap", overlap, least=timedelta(0)))
        columns: dict[str, Value] = {
            "rotated_to": successor["id"],
            "rotated_at": to_microseconds(now),
            "retires_at": retires_at,
        }
        return Step(columns, (Insert("keys", successor),), effect="narrowed"), IssuedKey(secret, from_row(successor))

    def _born(self, now: datetime, fixed: Mapping[str, Value]) -> tuple[Secret, Row]:
        secret = self._format.make()
        shown = {**fixed, "hint": self._format.hint(secret)}
        return secret, new_row(new_id("key"), self._digests.newest(secret), shown, now)


def _told(asked: Terms) -> tuple[object, ...]:
    # Not the instant at which the key would end: it is another one whenever it is asked for.
    return sorted(asked.permissions), asked.allowed_ips, asked.rate


def _terms(
    now: datetime,
    permissions: Permissions | str | Iterable[str],
    expires_in: timedelta | None,
    allowed_ips: Iterable[str],
    rate: str | None,
) -> Terms:
    expires_at = None if expires_in is None else after(now, "expires_in", expires_in, least=_SHORTEST_LIFE)
    networks = checked_networks("allowed_ips", allowed_ips)
    return Terms(checked_permissions(permissions), expires_at, networks, checked_rate(rate))
