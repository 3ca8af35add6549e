"""A text is kept exactly as given or refused; it is never trimmed and never normalised."""

from typing import TypeGuard

from plexe_auth.errors import InvalidRequest

LONGEST_ID = 255
LONGEST_NAME = 255
LONGEST_REASON = 1000


def checked(field: str, value: object, longest: int, shortest: int = 1) -> str:
    """Return `value` if every store can keep it exactly.

    Raises:
        InvalidRequest: it is no text, is too short or too long (in characters), or holds NUL or a lone surrogate,
            which PostgreSQL cannot store at all.
    """
    if not isinstance(value, str):
        raise InvalidRequest(f"{field} must be a text.", field=field)
    if not shortest <= len(value) <= longest:
        raise InvalidRequest(f"{field} must have {shortest} to {longest} characters.", field=field)
    if not storable(value):
        raise InvalidRequest(f"{field} must not hold NUL or lone surrogates.", field=field)
    return value


def storable(text: str) -> bool:
    """Tell whether every store gives this text back as it was."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def may_be_id(text: object) -> TypeGuard[str]:
    """Tell whether `text` may be an id that we made; what may not be one need not be looked up."""
    return isinstance(text, str) and text.isascii() and len(text) <= LONGEST_ID and "\0" not in text
