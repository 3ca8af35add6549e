"""Authentication for Python backends, in process: API keys, permissions, and who is behind a request.

Every name below is imported when it is first used, so that ``import plexe_auth`` costs next to nothing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plexe_auth.auth import AsyncAuth, Auth
    from plexe_auth.errors import (
        AccountSuspended,
        AuthError,
        ConfigurationError,
        Conflict,
        CSRFFailed,
        DisabledKey,
        ExpiredKey,
        ExpiredSession,
        HTTPSRequired,
        InsufficientPermissions,
        InvalidCredentials,
        InvalidKey,
        InvalidRequest,
        InvalidSession,
        IPNotAllowed,
        MFARequired,
        MissingKey,
        NotFound,
        RateLimitExceeded,
        ReauthenticationRequired,
        RevokedKey,
        Unavailable,
    )
    from plexe_auth.model.account import Account
    from plexe_auth.model.key import APIKey, IssuedKey
    from plexe_auth.model.permission import READ_ONLY, READ_WRITE, Permissions
    from plexe_auth.model.policy import Policy, Rule
    from plexe_auth.model.principal import Principal
    from plexe_auth.model.verdict import Check, Explanation
    from plexe_auth.secret import Secret
    from plexe_auth.service.page import Page
    from plexe_auth.settings import Settings

__all__ = [
    "READ_ONLY",
    "READ_WRITE",
    "APIKey",
    "Account",
    "AccountSuspended",
    "AsyncAuth",
    "Auth",
    "AuthError",
    "CSRFFailed",
    "Check",
    "ConfigurationError",
    "Conflict",
    "DisabledKey",
    "ExpiredKey",
    "ExpiredSession",
    "Explanation",
    "HTTPSRequired",
    "IPNotAllowed",
    "InsufficientPermissions",
    "InvalidCredentials",
    "InvalidKey",
    "InvalidRequest",
    "InvalidSession",
    "IssuedKey",
    "MFARequired",
    "MissingKey",
    "NotFound",
    "Page",
    "Permissions",
    "Policy",
    "Principal",
    "RateLimitExceeded",
    "ReauthenticationRequired",
    "RevokedKey",
    "Rule",
    "Secret",
    "Settings",
    "Unavailable",
]

_HOMES = {
    "plexe_auth.auth": (
        "AsyncAuth",
        "Auth",
    ),
    "plexe_auth.errors": (
        "AccountSuspended",
        "AuthError",
        "CSRFFailed",
        "ConfigurationError",
        "Conflict",
        "DisabledKey",
        "ExpiredKey",
        "ExpiredSession",
        "HTTPSRequired",
        "IPNotAllowed",
        "InsufficientPermissions",
        "InvalidCredentials",
        "InvalidKey",
        "InvalidRequest",
        "InvalidSession",
        "MFARequired",
        "MissingKey",
        "NotFound",
        "RateLimitExceeded",
        "ReauthenticationRequired",
        "RevokedKey",
        "Unavailable",
    ),
    "plexe_auth.model.account": ("Account",),
    "plexe_auth.model.key": (
        "APIKey",
        "IssuedKey",
    ),
    "plexe_auth.model.permission": (
        "Permissions",
        "READ_ONLY",
        "READ_WRITE",
    ),
    "plexe_auth.model.policy": (
        "Policy",
        "Rule",
    ),
    "plexe_auth.model.principal": ("Principal",),
    "plexe_auth.model.verdict": (
        "Check",
        "Explanation",
    ),
    "plexe_auth.secret": ("Secret",),
    "plexe_auth.service.page": ("Page",),
    "plexe_auth.settings": ("Settings",),
}


def __getattr__(name: str) -> object:
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = value = getattr(import_module(home), name)
    return value


def __dir__() -> list[str]:
    return __all__
