"""A handler may demand more than the policy does, never less; no framework is known here."""

from types import EllipsisType

from plexe_auth.errors import ConfigurationError, InvalidRequest, MissingKey
from plexe_auth.model.permission import pair
from plexe_auth.model.principal import Principal


def demandable(permission: str) -> str:
    """Return `permission` itself, so that a misspelt one shows when the handler is defined, not when it is called.

    Raises:
        ConfigurationError: it is not one permission.
    """
    try:
        pair(permission)
    except InvalidRequest as error:
        raise ConfigurationError(error.detail) from None
    return permission


def demand(permission: str, found: Principal | None | EllipsisType) -> Principal:
    """Return the principal that the gate left on a request, if it holds `permission`.

    Args:
        permission: what the handler needs.
        found: the principal, ``None`` where the policy asked for none, or ``...`` where no gate has left anything.

    Raises:
        ConfigurationError: no gate has seen this request.
        MissingKey: it came without a credential, or on a public path, where none is looked at.
        InsufficientPermissions: the principal does not hold the permission.
    """
    if found is ...:
        raise ConfigurationError("plexe_auth's middleware is not in front of this handler; install it on the app")
    if found is None:
        raise MissingKey
    return found.require(permission)
