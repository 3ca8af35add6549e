"""A principal is who a request acts for; it is a plain value, and asking it what it may do awaits nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Literal, NamedTuple, Self

from plexe_auth.errors import InsufficientPermissions, ReauthenticationRequired
from plexe_auth.model.instant import maybe_instant, maybe_microseconds
from plexe_auth.model.permission import Permissions


class Facts(NamedTuple):
    """What a `Principal` is made of. One is made for each request by session: all that is the same each time first."""

    kind: Literal["key", "session"]
    id: str
    account_id: str
    permissions: Permissions
    user_id: str | None
    authenticated_at: datetime | None
    rotated_at: datetime | None
    retires_at: datetime | None
    methods: tuple[str, ...]
    verified: int | None  # in microseconds since 1970: to make a datetime takes as long as all the rest


class Principal(Facts):
    """Who a request acts for, as it was when the credential was verified.

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

    __slots__ = ()

    def __new__(
        cls,
        kind: Literal["key", "session"],
        id: str,  # noqa: A002 - it is what everything else calls it
        account_id: str,
        permissions: Permissions,
        user_id: str | None = None,
        authenticated_at: datetime | None = None,
        verified_at: datetime | None = None,
        rotated_at: datetime | None = None,
        retires_at: datetime | None = None,
        methods: tuple[str, ...] = (),
    ) -> Self:
        verified = maybe_microseconds(verified_at)
        ends = rotated_at, retires_at
        return super().__new__(
            cls, kind, id, account_id, permissions, user_id, authenticated_at, *ends, methods, verified
        )

    def __repr__(self) -> str:
        told = zip(_ARGUMENTS, _arguments(self), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in told)})"

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), _arguments(self)

    @property
    def verified_at(self) -> datetime | None:
        """When this principal was made."""
        return maybe_instant(self.verified)

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
        proven, verified = self.authenticated_at, self.verified_at
        if proven is None or verified is None or not timedelta(0) <= verified - proven <= within:
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


_ARGUMENTS = (*Facts._fields[:6], "verified_at", *Facts._fields[6:-1])
_arguments: Callable[[Principal], tuple[Any, ...]] = attrgetter(*_ARGUMENTS)


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Nobody: what stands for the user of a request that had no credential and needed none."""

    is_authenticated: bool = False
    display_name: str = ""
    identity: str = ""
    scopes: Permissions = Permissions()  # noqa: RUF009 - immutable


ANONYMOUS = Anonymous()
