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
    from plexe_auth.http_errors import ContentTooLarge, MethodNotAllowed, PreconditionFailed, UnsupportedMediaType
    from plexe_auth.model.account import Account
    from plexe_auth.model.challenge import Challenge
    from plexe_auth.model.client import Client
    from plexe_auth.model.csrf import csrf_token
    from plexe_auth.model.enrolled_passkey import EnrolledPasskey
    from plexe_auth.model.entry import LogEntry
    from plexe_auth.model.identity import LinkedIdentity
    from plexe_auth.model.invitation import Invitation
    from plexe_auth.model.key import APIKey, IssuedKey
    from plexe_auth.model.permission import READ_ONLY, READ_WRITE, Permissions
    from plexe_auth.model.policy import Policy, Rule
    from plexe_auth.model.principal import Principal
    from plexe_auth.model.session import Session
    from plexe_auth.model.usage import UsageTotal
    from plexe_auth.model.user import User
    from plexe_auth.model.verdict import Check, Explanation
    from plexe_auth.secret import Secret
    from plexe_auth.service.log_keeping import Verified
    from plexe_auth.service.oauth import Redirect
    from plexe_auth.service.page import Page
    from plexe_auth.service.passkey_factors import AddedPasskey, PasskeyEnrolment
    from plexe_auth.service.passkey_sign_in import PasskeyRequest
    from plexe_auth.service.signed_in import SignedIn
    from plexe_auth.service.totp_enrolment import Enrolment
    from plexe_auth.settings import Settings

__all__ = [
    "READ_ONLY",
    "READ_WRITE",
    "APIKey",
    "Account",
    "AccountSuspended",
    "AddedPasskey",
    "AsyncAuth",
    "Auth",
    "AuthError",
    "CSRFFailed",
    "Challenge",
    "Check",
    "Client",
    "ConfigurationError",
    "Conflict",
    "ContentTooLarge",
    "DisabledKey",
    "EnrolledPasskey",
    "Enrolment",
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
    "Invitation",
    "IssuedKey",
    "LinkedIdentity",
    "LogEntry",
    "MFARequired",
    "MethodNotAllowed",
    "MissingKey",
    "NotFound",
    "Page",
    "PasskeyEnrolment",
    "PasskeyRequest",
    "Permissions",
    "Policy",
    "PreconditionFailed",
    "Principal",
    "RateLimitExceeded",
    "ReauthenticationRequired",
    "Redirect",
    "RevokedKey",
    "Rule",
    "Secret",
    "Session",
    "Settings",
    "SignedIn",
    "Unavailable",
    "UnsupportedMediaType",
    "UsageTotal",
    "User",
    "Verified",
    "csrf_token",
]

_HOMES = {
    "READ_ONLY": "model.permission",
    "READ_WRITE": "model.permission",
    "APIKey": "model.key",
    "Account": "model.account",
    "AccountSuspended": "errors",
    "AddedPasskey": "service.passkey_factors",
    "AsyncAuth": "auth",
    "Auth": "auth",
    "AuthError": "errors",
    "CSRFFailed": "errors",
    "Challenge": "model.challenge",
    "Check": "model.verdict",
    "Client": "model.client",
    "ConfigurationError": "errors",
    "Conflict": "errors",
    "ContentTooLarge": "http_errors",
    "MethodNotAllowed": "http_errors",
    "PreconditionFailed": "http_errors",
    "UnsupportedMediaType": "http_errors",
    "DisabledKey": "errors",
    "EnrolledPasskey": "model.enrolled_passkey",
    "Enrolment": "service.totp_enrolment",
    "ExpiredKey": "errors",
    "ExpiredSession": "errors",
    "Explanation": "model.verdict",
    "HTTPSRequired": "errors",
    "IPNotAllowed": "errors",
    "InsufficientPermissions": "errors",
    "InvalidCredentials": "errors",
    "InvalidKey": "errors",
    "InvalidRequest": "errors",
    "InvalidSession": "errors",
    "Invitation": "model.invitation",
    "IssuedKey": "model.key",
    "LinkedIdentity": "model.identity",
    "LogEntry": "model.entry",
    "MFARequired": "errors",
    "MissingKey": "errors",
    "NotFound": "errors",
    "Page": "service.page",
    "PasskeyEnrolment": "service.passkey_factors",
    "PasskeyRequest": "service.passkey_sign_in",
    "Permissions": "model.permission",
    "Policy": "model.policy",
    "Principal": "model.principal",
    "RateLimitExceeded": "errors",
    "ReauthenticationRequired": "errors",
    "Redirect": "service.oauth",
    "RevokedKey": "errors",
    "Rule": "model.policy",
    "Secret": "secret",
    "Session": "model.session",
    "Settings": "settings",
    "SignedIn": "service.signed_in",
    "Unavailable": "errors",
    "UsageTotal": "model.usage",
    "User": "model.user",
    "Verified": "service.log_keeping",
    "csrf_token": "model.csrf",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return __all__
