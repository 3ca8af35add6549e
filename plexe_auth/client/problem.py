"""A refusal on the wire becomes the exception of plexe_auth that it was at the server; nothing it says is trusted."""

import json
import math
import re
from typing import Any, NoReturn, Protocol, cast

from plexe_auth.client.fields import Fields, retry_after
from plexe_auth.errors import AuthError, InvalidRequest, RateLimitExceeded

LONGEST = 65_536
"""How many bytes of a problem document are read. Ours have some hundreds."""

_LONGEST_LINE = 500
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)
_CLASSES: dict[str, type[AuthError]] = {
    kind.code: kind for kind in AuthError.__subclasses__() if kind.__module__ == AuthError.__module__
}


class UnexpectedAnswer(Exception):
    """An answer that is neither a success nor a refusal by plexe_auth: a proxy's page, a redirect, a fault.

    Attributes:
        status: the HTTP status code.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    def __str__(self) -> str:
        return f"The server answered {self.status}, and not in a way that plexe_auth knows."


class Answered(Protocol):
    """A response of HTTPX or Requests that was read."""

    @property
    def status_code(self) -> int:
        """Its HTTP status."""
        ...

    @property
    def headers(self) -> Any:
        """Its fields, found by name in any case."""
        ...

    @property
    def content(self) -> Any:
        """Its body, in bytes."""
        ...


def raise_for_problem(response: Answered) -> None:
    """Raise what an answer refuses; a success (2xx) passes.

    Args:
        response: of HTTPX or Requests. One that is streamed by HTTPX is read first.

    Raises:
        AuthError: a problem document with a code. The class is that of the code in the table of errors, such as
            `RevokedKey`; for a code that is not there it is `AuthError` itself, with the `status`, `code`, `title` and
            `detail` of the answer.
        UnexpectedAnswer: anything else.

    Example:
        >>> from types import SimpleNamespace
        >>> problem = b'{"code": "rate_limit_exceeded", "status": 429}'
        >>> fields = {"content-type": "application/problem+json", "retry-after": "7"}
        >>> try:
        ...     raise_for_problem(SimpleNamespace(status_code=429, headers=fields, content=problem))
        ... except RateLimitExceeded as error:
        ...     error.code, error.retry_after
        ('rate_limit_exceeded', 7)
    """
    if 200 <= response.status_code < 300:
        return
    fields = response.headers
    told = document(response.content) if may_tell(fields) else None
    code = code_of(told)
    if told is None or code is None:
        raise UnexpectedAnswer(response.status_code)
    _refuse(response.status_code, code, told, fields)


def may_tell(fields: Fields) -> bool:
    """Tell whether an answer says that it is a problem document, and does not say that it is too long for one."""
    kind = fields.get("content-type", "").partition(";")[0].strip().lower()
    length = fields.get("content-length", "0")
    return kind == "application/problem+json" and len(length) < 9 and length.isdecimal() and int(length) <= LONGEST


def is_short(fields: Fields) -> bool:
    """Tell whether an answer says beforehand how little there is of it, so that it may be read for its code."""
    return may_tell(fields) and bool(fields.get("content-length", "")) and not fields.get("content-encoding", "")


def document(body: bytes) -> dict[str, object] | None:
    """Return the members of a problem document, or ``None`` where it is none, or one that is too long."""
    if len(body) > LONGEST:
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", found) if isinstance(found, dict) else None


def code_of(told: dict[str, object] | None) -> str | None:
    """Return the code of a problem document, if it has one that can be a code."""
    code = (told or {}).get("code")
    return code if isinstance(code, str) and _CODE.fullmatch(code) else None


def _refuse(status: int, code: str, told: dict[str, object], fields: Fields) -> NoReturn:
    kind = _CLASSES.get(code)
    detail = _line(told.get("detail"))
    if kind is None or kind.status != status:  # a code under another status than its own is not ours
        raise _foreign(status, code, _line(told.get("title")), detail)
    if issubclass(kind, RateLimitExceeded):
        raise kind(detail, retry_after=math.ceil(retry_after(fields) or 1))
    if issubclass(kind, InvalidRequest):
        raise kind(detail, field=_line(told.get("field")) or None)
    raise kind(detail)


def _foreign(status: int, code: str, title: str, detail: str) -> AuthError:
    error = AuthError(detail)
    vars(error).update(status=status, code=code, title=title or AuthError.title)
    return error


def _line(value: object) -> str:
    """Return a text as one line that a log or a terminal can bear."""
    return "".join(one for one in value[:_LONGEST_LINE] if one.isprintable()) if isinstance(value, str) else ""
