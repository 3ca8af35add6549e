"""Metadata is a JSON object of the host's own; it comes back exactly as it was given, or it is refused."""

import json
import math
from collections.abc import Mapping
from typing import Any

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.text import storable

_MOST_BYTES = 16_384
_DEEPEST = 32
_GREATEST_INTEGER = 2**63


def encoded(metadata: Mapping[str, Any] | None) -> str:
    """Return the JSON text (RFC 8259) to keep.

    Raises:
        InvalidRequest: it is no mapping from texts to JSON values, holds what JSON would change on the way (a tuple, a
            key that is no text, a number that is not finite), is nested more than 32 deep or longer than 16 KiB.
    """
    if metadata is None:
        return "{}"
    if not isinstance(metadata, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
        raise _refusal("must be an object")
    _check(dict(metadata), _DEEPEST)
    text = json.dumps(dict(metadata), ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > _MOST_BYTES:
        raise _refusal(f"must have at most {_MOST_BYTES} bytes")
    return text


def decoded(text: str) -> dict[str, Any]:
    """Return the metadata that `encoded` was given."""
    return {} if text == "{}" else json.loads(text)


def _check(value: object, depth: int) -> None:
    if depth == 0:
        raise _refusal("is nested too deeply")
    if type(value) is dict:
        _check_all(value.keys(), str, depth)
        _check_all(value.values(), object, depth)
    elif type(value) is list:
        _check_all(value, object, depth)
    elif not _is_scalar(value):
        raise _refusal("must hold nothing but JSON values and storable texts")


def _check_all(values: Any, kind: type, depth: int) -> None:
    for value in values:
        if not isinstance(value, kind):
            raise _refusal("must have texts as keys")
        _check(value, depth - 1)


def _is_scalar(value: object) -> bool:
    if type(value) is str:
        return storable(value)
    if type(value) is float:
        return math.isfinite(value)
    if type(value) is int:
        return -_GREATEST_INTEGER <= value < _GREATEST_INTEGER
    return value is None or type(value) is bool


def _refusal(what: str) -> InvalidRequest:
    return InvalidRequest(f"metadata {what}.", field="metadata")
