"""A principal is who a request acts for; it is a plain value, and asking it what it may do awaits nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Self

from plexe_auth.errors import InsufficientPermissions, ReauthenticationRequired
from plexe_auth.model.permission import Permissions


class Principal(NamedTuple):
    """Who a request acts for, as it was when the credential was verified.

    It is made for each request by session, and a frozen dataclass takes eight times as long to make as a tuple.

    Attributes:
        kind: ``"key"`` or ``"session"``.
        id: the id of that key or session.
        account_id: the account it belongs to.
        user_id: the person, where there is one.
        permissions: what it may do.
        authenticated_at: when a person last proved who they are; ``None`` for a key.
        verified_at: when this principal was made.
        rotated_at: for a key that was rotated, when that was.
        retires_at: for a key that was rotated, when it stops working.
        methods: for a session, how its person proved who they are: ``("password", "totp")``.

    Example:
        >>> principal = Principal("key", "key_1", "acct_42", Permissions.parse("read"))
        >>> principal.can("models:read"), principal.can("models:write")
        (True, False)
    """

    kind: Literal["key", "session"]
    id: str
    account_id: str
    permissions: Permissions
    user_id: str | None = None
    authenticated_at: datetime | None = None
    verified_at: datetime | None = None
    rotated_at: datetime | None = None
    retires_at: datetime | None = None
    methods: tuple[str, ...] = ()

    def can(self, permission: str) -> bool:
        """Tell whether it holds `permission`. To decide a request, use `require`, which cannot be forgotten silently.

        Raises:
            InvalidRequest: `permission` is not one permission.
        """
        return self.permissions.covers(permission)

    def require(self, permission: str) -> Self:
        """Return the principal itself if it holds `permission`.

        Raises:
            InsufficientPermissions: it does not.
            InvalidRequest: `permission` is not one permission.
        """
        if not self.permissions.covers(permission):
            raise InsufficientPermissions
        return self

    def require_recent(self, within: timedelta) -> Self:
        """Return the principal itself if a person proved who they are no longer than `within` before it was verified.

        Raises:
            ReauthenticationRequired: the proof is older, or there is none, as with an API key.
        """
        if self.authenticated_at is None or self.verified_at is None:
            raise ReauthenticationRequired
        if not timedelta(0) <= self.verified_at - self.authenticated_at <= within:
            raise ReauthenticationRequired
        return self

    @property
    def scopes(self) -> Permissions:
        """The permissions, by the name that Starlette's ``requires`` looks for."""
        return self.permissions

    @property
    def is_authenticated(self) -> bool:
        """Always true, by the name that Starlette, Flask and Django templates look for."""
        return True

    @property
    def display_name(self) -> str:
        """The id, by the name that Starlette looks for."""
        return self.id

    @property
    def identity(self) -> str:
        """The id, by the name that Starlette looks for."""
        return self.id


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody: what stands for the user of a request that had no credential and needed none."""

    is_authenticated: bool = False
    display_name: str = ""
    identity: str = ""
    scopes: Permissions = Permissions()  # noqa: RUF009 - immutable


ANONYMOUS = Anonymous()
