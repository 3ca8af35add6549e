"""What was filled in becomes a value of a struct, or is refused with the name of the field that is wrong."""

import functools
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from plexe_auth.errors import InvalidRequest
from plexe_auth.http_errors import UnsupportedMediaType
from plexe_auth.model.text import storable
from plexe_auth.web.reading import converted

S = TypeVar("S", bound=Struct)

LONGEST = 65_536
_MOST = 256
_KIND = "application/x-www-form-urlencoded"


def pairs(data: bytes, content_type: str) -> list[tuple[str, str]]:
    """Return what a form was filled in with, in order.

    Raises:
        UnsupportedMediaType: it is no form.
        InvalidRequest: it cannot be read.
    """
    if content_type.partition(";")[0].strip(" \t").lower() != _KIND:
        raise UnsupportedMediaType
    try:
        text = data.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST) if text else []
    except ValueError:
        raise InvalidRequest("The form cannot be read.", field="form") from None


def filled_in(given: list[tuple[str, str]], kind: type[S]) -> S:
    """Return the struct that was filled in. A box that may be ticked several times is a list; an empty one is none.

    Raises:
        InvalidRequest: a field is not acceptable, is not known, is missing, or is there twice.
    """
    found: dict[str, Any] = {}
    for name, value in given:
        if not storable(value):
            raise InvalidRequest("The field holds what cannot be kept.", field=name[:64])
        if name in _lists(kind):
            found.setdefault(name, []).append(value)
        elif name in found:
            raise InvalidRequest("The field is there twice.", field=name[:64])
        elif value or name not in _optional(kind):
            found[name] = int(value) if name in _numbers(kind) and value.isascii() and value.isdigit() else value
    return converted(found, kind)


def sent(given: list[tuple[str, str]]) -> Mapping[str, str]:
    """Return the texts that were filled in, those of a list joined by spaces."""
    found: dict[str, str] = {}
    for name, value in given:
        found[name] = f"{found[name]} {value}" if name in found else value
    return found


@functools.cache
def _lists(kind: type[Struct]) -> frozenset[str]:
    return frozenset(name for name, one in _kinds(kind).items() if isinstance(one, msgspec.inspect.ListType))


@functools.cache
def _optional(kind: type[Struct]) -> frozenset[str]:
    return frozenset(one.encode_name for one in msgspec.structs.fields(kind) if not one.required)


@functools.cache
def _numbers(kind: type[Struct]) -> frozenset[str]:
    return frozenset(name for name, one in _kinds(kind).items() if _is_number(one))


def _is_number(kind: Any) -> bool:
    if isinstance(kind, msgspec.inspect.UnionType):
        return any(map(_is_number, kind.types))
    return isinstance(kind, msgspec.inspect.IntType)


def _kinds(kind: type[Struct]) -> dict[str, Any]:
    told: Any = msgspec.inspect.type_info(kind)
    return {one.encode_name: one.type for one in told.fields}
