"""A test's API key as the header that a client sends, made in whatever state the test is about."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from plexe_auth.auth import Auth
from plexe_auth.model.key import APIKey, IssuedKey
from plexe_auth.model.permission import READ_ONLY, Permissions
from plexe_auth.wire import KEY_FIELD


class KeyHeader(dict[str, str]):
    """``{"x-api-key": "plx_sk_…"}`` for a client's ``headers=``. Its ``repr`` shows no more than the key's hint.

    Attributes:
        key: the key as it was when it was made, for ``header.key.id``.
    """

    def __init__(self, issued: IssuedKey) -> None:
        super().__init__({KEY_FIELD: issued.secret.reveal()})
        self.key: APIKey = issued.key

    def __repr__(self) -> str:
        # A failed assertion prints this, and a secret scanner reads what continuous integration prints.
        return f"KeyHeader({KEY_FIELD}: {self.key.hint})"


class KeyFactory:
    """Makes keys in `auth`, and returns for each the header to send."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth

    def __call__(
        self,
        permissions: Permissions | str | Iterable[str] = READ_ONLY,
        *,
        account_id: str = "acct_test",
        name: str = "test",
        expires_in: timedelta | None = None,
        allowed_ips: Iterable[str] = (),
        rate: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        expired: bool = False,
        disabled: bool = False,
        revoked: bool = False,
    ) -> KeyHeader:
        """Make a key and return the header to send.

        The arguments up to `metadata` are those of ``auth.keys.create``. A key that is in several bad states is told
        the first of revoked, disabled and expired.

        Args:
            permissions: what it may do.
            account_id: whom it acts for.
            name: what its owner calls it.
            expires_in: how long it lives, by the test's clock.
            allowed_ips: addresses and CIDR blocks it may be used from.
            rate: how often it may be used.
            metadata: a JSON object.
            expired: its time is over already.
            disabled: it is disabled.
            revoked: it is revoked.

        Raises:
            InvalidRequest: a value is not acceptable.
            AccountSuspended: the account is suspended.
        """
        issued = self._auth.keys.create(
            account_id,
            name=name,
            permissions=permissions,
            expires_in=expires_in,
            allowed_ips=allowed_ips,
            rate=rate,
            metadata=metadata,
        )
        self._bring_into(issued.key, expired=expired, disabled=disabled, revoked=revoked)
        return KeyHeader(issued)

    def _bring_into(self, key: APIKey, *, expired: bool, disabled: bool, revoked: bool) -> None:
        keys = self._auth.keys
        if disabled:  # first: what has expired can no longer be disabled
            keys.disable(key.id)
        if expired:
            keys.update(key.id, expires_at=self._auth.world.now())
        if revoked:
            keys.revoke(key.id, reason="revoked by a test")
