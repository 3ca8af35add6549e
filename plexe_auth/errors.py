"""Every refusal has one class, one wire code and one HTTP status; this file knows nothing of how a request arrived.

=======  =============================  ============================  ==========================================
status   code                           class                         when
=======  =============================  ============================  ==========================================
401      ``invalid_key``                `InvalidKey`, `MissingKey`    no key, malformed, or unknown
401      ``expired_key``                `ExpiredKey`                  at or past ``expires_at``
401      ``revoked_key``                `RevokedKey`                  revoked, or rotated and the overlap is over
401      ``invalid_credentials``        `InvalidCredentials`          wrong e-mail address or password
401      ``invalid_session``            `InvalidSession`              no such session
401      ``expired_session``            `ExpiredSession`              idle for too long, or too old
401      ``mfa_required``               `MFARequired`                 a second factor is still due
403      ``insufficient_permissions``   `InsufficientPermissions`     the credential lacks the permission
403      ``reauthentication_required``  `ReauthenticationRequired`    the proof of identity is too old
403      ``csrf_failed``                `CSRFFailed`                  a cookie request without proof of origin
403      ``https_required``             `HTTPSRequired`               plain HTTP from the network
403      ``ip_not_allowed``             `IPNotAllowed`                the address is outside the key's list
403      ``disabled_key``               `DisabledKey`                 disabled until it is enabled again
403      ``account_suspended``          `AccountSuspended`            the account is suspended
404      ``not_found``                  `NotFound`                    unknown, or another account's
405      ``method_not_allowed``         `MethodNotAllowed`            the path has no such method
409      ``conflict``                   `Conflict`                    taken, or changed by somebody else first
412      ``precondition_failed``        `PreconditionFailed`          it is not any more as the request expects it
413      ``content_too_large``          `ContentTooLarge`             the body is too long
415      ``unsupported_media_type``     `UnsupportedMediaType`        the body is of another kind than JSON
422      ``invalid_request``            `InvalidRequest`              a value that is not acceptable
429      ``rate_limit_exceeded``        `RateLimitExceeded`           too many requests
503      ``unavailable``                `Unavailable`, `Undelivered`  a part we depend on does not answer
=======  =============================  ============================  ==========================================

`ConfigurationError` stands apart: it tells a programmer of a mistake and is never sent to a client.
"""

from typing import ClassVar

TYPE_BASE = "urn:plexe-auth:error:"


class AuthError(Exception):
    """A refusal, with everything that a client may be told.

    Attributes:
        status: the HTTP status code.
        code: the stable wire code that clients branch on.
        title: a short sentence, the same for every refusal of the class.
        detail: a sentence on this refusal. It never holds anything that the request sent.

    Example:
        >>> error = ExpiredKey()
        >>> error.status, error.code
        (401, 'expired_key')
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Refused"
    explanation: ClassVar[str] = "The request was refused."

    def __init__(self, detail: str = "") -> None:
        self.detail: str = detail or self.explanation
        super().__init__(self.detail)

    def problem(self) -> dict[str, str | int]:
        """Return the members of the problem document (RFC 9457, section 3.1) with our ``code``."""
        return {
            "type": TYPE_BASE + self.code,
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }


class InvalidKey(AuthError):
    """There is no such key: it is malformed or unknown."""

    status = 401
    code = "invalid_key"
    title = "Invalid API key"
    explanation = "The API key is not valid."


class MissingKey(InvalidKey):
    """No key was sent at all."""

    explanation = "This request needs an API key."


class ExpiredKey(AuthError):
    """The key is at or past its ``expires_at``."""

    status = 401
    code = "expired_key"
    title = "Expired API key"
    explanation = "The API key has expired."


class RevokedKey(AuthError):
    """The key was revoked, or it was rotated and the overlap is over."""

    status = 401
    code = "revoked_key"
    title = "Revoked API key"
    explanation = "The API key has been revoked."


class InvalidCredentials(AuthError):
    """The e-mail address and password do not belong together; which of the two is wrong is not told."""

    status = 401
    code = "invalid_credentials"
    title = "Invalid credentials"
    explanation = "The e-mail address or the password is not right."


class InvalidSession(AuthError):
    """There is no such session."""

    status = 401
    code = "invalid_session"
    title = "Invalid session"
    explanation = "The session is not valid."


class ExpiredSession(AuthError):
    """The session was idle for too long, or has reached its greatest age."""

    status = 401
    code = "expired_session"
    title = "Expired session"
    explanation = "The session has expired."


class MFARequired(AuthError):
    """A second factor is still due."""

    status = 401
    code = "mfa_required"
    title = "Second factor required"
    explanation = "A second factor is required."


class InsufficientPermissions(AuthError):
    """The credential is good but does not hold the permission."""

    status = 403
    code = "insufficient_permissions"
    title = "Insufficient permissions"
    explanation = "The credential does not hold the permission that this request needs."


class ReauthenticationRequired(AuthError):
    """The last proof of identity is too old for this action."""

    status = 403
    code = "reauthentication_required"
    title = "Re-authentication required"
    explanation = "Please prove your identity again."


class CSRFFailed(AuthError):
    """A request by cookie came without proof that our own pages sent it."""

    status = 403
    code = "csrf_failed"
    title = "Cross-site request refused"
    explanation = "The request did not prove where it came from."


class HTTPSRequired(AuthError):
    """The request came over plain HTTP from the network."""

    status = 403
    code = "https_required"
    title = "HTTPS required"
    explanation = "Please use HTTPS."


class IPNotAllowed(AuthError):
    """The key is bound to addresses, and the client's is not among them or is not known."""

    status = 403
    code = "ip_not_allowed"
    title = "Address not allowed"
    explanation = "The API key may not be used from this address."


class DisabledKey(AuthError):
    """The key is disabled until somebody enables it again."""

    status = 403
    code = "disabled_key"
    title = "Disabled API key"
    explanation = "The API key is disabled."


class AccountSuspended(AuthError):
    """The account is suspended, and with it all its keys and sessions."""

    status = 403
    code = "account_suspended"
    title = "Account suspended"
    explanation = "The account is suspended."


class NotFound(AuthError):
    """There is no such thing, or it belongs to another account; which of the two is not told."""

    status = 404
    code = "not_found"
    title = "Not found"
    explanation = "There is no such thing here."


class Conflict(AuthError):
    """The thing is taken, is not in a state that allows this, or somebody else changed it first.

    `key_id` names the key that took the place, where the one who asks made it themselves.
    """

    status = 409
    code = "conflict"
    title = "Conflict"
    explanation = "The state of the thing does not allow this."

    def __init__(self, detail: str = "", key_id: str | None = None) -> None:
        super().__init__(detail)
        self.key_id = key_id

    def problem(self) -> dict[str, str | int]:
        """Return the problem document, with ``key_id`` where one is named."""
        return super().problem() | ({} if self.key_id is None else {"key_id": self.key_id})


class InvalidRequest(AuthError):
    """A value is not acceptable; `field` names which, where one can be named."""

    status = 422
    code = "invalid_request"
    title = "Invalid request"
    explanation = "A value of the request is not acceptable."

    def __init__(self, detail: str = "", field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field

    def problem(self) -> dict[str, str | int]:
        """Return the problem document, with ``field`` where one is named."""
        return super().problem() | ({} if self.field is None else {"field": self.field})


class RateLimitExceeded(AuthError):
    """Too many requests; `retry_after` says in whole seconds when to try again.

    `standing` is the rate that was met, where it may be told: how many requests in how many seconds, how many of them
    are left, and in how many seconds there are more.
    """

    status = 429
    code = "rate_limit_exceeded"
    title = "Rate limit exceeded"
    explanation = "Too many requests."

    def __init__(
        self, detail: str = "", retry_after: int = 1, standing: tuple[int, int, int, int] | None = None
    ) -> None:
        super().__init__(detail)
        self.retry_after: int = max(1, retry_after)
        self.standing: tuple[int, int, int, int] | None = standing


class Unavailable(AuthError):
    """Something that we depend on, the store for one, does not answer; nothing was decided or promised."""

    status = 503
    code = "unavailable"
    title = "Temporarily unavailable"
    explanation = "The service is temporarily unavailable."


class Undelivered(Unavailable):
    """A letter was not handed over to the mail server.

    A mailer raises it. A client is told what every `Unavailable` tells; `reason` is for the log.

    Attributes:
        reason: why, in words that hold neither an address nor a credential, such as ``the server refused the
            recipient (550)``.
        temporary: whether the same letter may be taken later (RFC 5321, section 4.2.1: 4yz, not 5yz).
    """

    def __init__(self, detail: str = "", reason: str = "the mailer failed", *, temporary: bool = True) -> None:
        super().__init__(detail)
        self.reason = reason
        self.temporary = temporary
        self.add_note(reason)


class ConfigurationError(Exception):
    """A programmer's mistake in setting plexe_auth up. It is no `AuthError` and never reaches a client."""
