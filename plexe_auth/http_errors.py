"""Refusals that are about how something was asked for over HTTP; `plexe_auth.errors` has the table of all."""

from plexe_auth.errors import AuthError


class MethodNotAllowed(AuthError):
    """The path has no such method; `allowed` names those that it has."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"
    explanation = "This path has no such method."

    def __init__(self, detail: str = "", allowed: tuple[str, ...] = ()) -> None:
        super().__init__(detail)
        self.allowed = allowed


class PreconditionFailed(AuthError):
    """The thing is not any more as the request expects it to be; look at it again."""

    status = 412
    code = "precondition_failed"
    title = "Precondition failed"
    explanation = "It was changed meanwhile; look at it again."


class ContentTooLarge(AuthError):
    """The body of the request is too long."""

    status = 413
    code = "content_too_large"
    title = "Content too large"
    explanation = "The body of the request is too long."


class UnsupportedMediaType(AuthError):
    """The body of the request is of another kind than JSON, or does not say what it is."""

    status = 415
    code = "unsupported_media_type"
    title = "Unsupported media type"
    explanation = "The body of the request must be application/json."
