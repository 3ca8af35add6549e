"""What a query or a body says becomes a value of a struct, or is refused with the name of the field that is wrong.

No refusal tells more of what was sent than the name of a field.
"""

import functools
import re
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from plexe_auth.errors import InvalidRequest
from plexe_auth.http_errors import UnsupportedMediaType
from plexe_auth.model.strict_json import read_object
from plexe_auth.model.text import storable

S = TypeVar("S", bound=Struct)

LONGEST_BODY = 65_536
_MOST_PARAMETERS = 32
_LONGEST_NAMED = 64  # of a name that we do not know
_JSON = re.compile(r'application/json[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?', re.IGNORECASE)
_MISSING = re.compile(r"missing required field `(\w+)`")
_PLACE = re.compile(r"\$\.(\w+)")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def body(data: bytes, content_type: str, kind: type[S], *, optional: bool) -> S:
    """Return what a body says.

    Args:
        data: the body.
        content_type: what it says it is.
        kind: the struct that it is read as.
        optional: whether there may be none.

    Raises:
        UnsupportedMediaType: it does not say that it is JSON.
        InvalidRequest: it is no JSON object, or a member of it is not acceptable.
    """
    if optional and not data:
        return kind()
    if not _JSON.fullmatch(content_type.strip(" \t")):
        raise UnsupportedMediaType
    try:
        found = read_object(data, LONGEST_BODY)
    except ValueError:
        raise InvalidRequest("The body must be one JSON object, with no member twice.", field="body") from None
    return converted(found, kind)


def query(text: str, kind: type[S]) -> S:
    """Return what a query says.

    Raises:
        InvalidRequest: a parameter is not acceptable, is unknown, or is there twice.
    """
    if not text:
        return kind()
    try:
        given = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise InvalidRequest("The query cannot be read.", field="query") from None
    found: dict[str, Any] = {}
    for name, value in given:
        if name in found:
            raise _refusal(name, "is there twice")
        found[name] = int(value) if name in _numbers(kind) and _WHOLE_NUMBER.fullmatch(value) else value
    return converted(found, kind)


def converted(found: Mapping[str, Any], kind: type[S]) -> S:
    """Return the struct with these members.

    Raises:
        InvalidRequest: one is not acceptable; ``field`` names it.
    """
    for name in found:
        if name not in _names(kind):
            raise _refusal(name, "is not known here")
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as error:
        raise _named(str(error)) from None
    except ValueError:  # a text with a lone surrogate, where a time should stand
        wrong = next((name for name, one in found.items() if isinstance(one, str) and not storable(one)), "body")
        raise _refusal(wrong, "must not hold lone surrogates") from None


def _named(message: str) -> InvalidRequest:
    if missing := _MISSING.search(message):
        return _refusal(missing[1], "is missing")
    place = _PLACE.search(message)
    return _refusal(place[1] if place else "body", _reason(message))


def _reason(message: str) -> str:
    said, _at, _place = message.partition(" - at ")
    # What is expected is in our own words; anything else may quote what was sent.
    return f"is not right: {said[0].lower()}{said[1:]}" if said.startswith("Expected") else "is not right"


def _refusal(name: str, what: str) -> InvalidRequest:
    known = name if len(name) <= _LONGEST_NAMED else name[:_LONGEST_NAMED]
    return InvalidRequest(f"The field {what}.", field=known)


@functools.cache
def _names(kind: type[Struct]) -> frozenset[str]:
    return frozenset(kind.__struct_encode_fields__)


@functools.cache
def _numbers(kind: type[Struct]) -> frozenset[str]:
    return frozenset(one.encode_name for one in msgspec.structs.fields(kind) if isinstance(one.default, int))
