"""A role says what a person may do in their account; every session has the permissions of its user's role."""

import functools
from collections.abc import Mapping
from typing import Literal

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.permission import Permissions

Role = Literal["owner", "admin", "member", "viewer"]

ROLES: Mapping[str, Permissions] = {
    "owner": Permissions.parse("*:*"),
    "admin": Permissions.parse("read write *:manage"),
    "member": Permissions.parse("read write"),
    "viewer": Permissions.parse("read"),
}
_NOTHING = Permissions()


def checked_role(value: object) -> str:
    """Return `value` if it is a role.

    Raises:
        InvalidRequest: it is none.
    """
    if not isinstance(value, str) or value not in ROLES:
        raise InvalidRequest(f"role must be one of {', '.join(ROLES)}.", field="role")
    return value


def permissions(role: str) -> Permissions:
    """Return what a role may do. One that nobody could have written there grants nothing."""
    return ROLES.get(role, _NOTHING)


@functools.cache
def within(role: str) -> tuple[str, ...]:
    """Return the roles that whoever has this one may give: those that may do nothing more.

    Example:
        >>> within("member")
        ('member', 'viewer')
    """
    return tuple(one for one in ROLES if permissions(one) <= permissions(role))
