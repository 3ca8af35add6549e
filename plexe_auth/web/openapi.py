"""The table of routes, written out as OpenAPI 3.1."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Struct

from plexe_auth.model.cookie import NAME
from plexe_auth.web.answering import JSON
from plexe_auth.web.route import ANYBODY, PUBLIC, Route, Routes
from plexe_auth.wire import KEY_FIELD

Schema = dict[str, Any]

_PLACE = "#/components/schemas/{name}"
_PROBLEM = "application/problem+json"
_VERSION = "1"

_REFUSALS: Mapping[int, str] = {
    401: "No good credential came with it.",
    403: "The credential does not hold the permission, or may not be used this way.",
    404: "There is no such thing in the account.",
    409: "The state of the thing does not allow it, or it was done before under the same name.",
    412: "It is not any more as the request expects it to be.",
    413: "The body is too long.",
    415: "The body is not application/json.",
    422: "A value is not acceptable; `field` names it.",
    429: "Too many requests.",
    503: "The service is temporarily unavailable.",
}
# Told in words and not as parameters: no schema says which value is right, and whoever makes requests up from schemas
# would be told each time that theirs is not.
_IN_WORDS = {
    "if-match": " With `If-Match`, it is done only if the key still has that `ETag`; else it is a 412.",
    "idempotency-key": " An `Idempotency-Key` of 8 to 128 visible characters of ASCII names the request: within a day,"
    " only the first one under it makes a key, and another one is a 409 that names that key in `key_id`.",
}
_TOLD = {
    "etag": ("The entity tag, for `If-Match`.", {"type": "string"}),
    "location": ("Where the new key is shown.", {"type": "string"}),
}


class Problem(Struct):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | msgspec.UnsetType = msgspec.UNSET
    key_id: str | msgspec.UnsetType = msgspec.UNSET


def document(
    routes: Routes[Route],
    title: str,
    description: str,
    prefix: str = "",
    more: Mapping[str, Any] = MappingProxyType({}),
) -> bytes:
    """Return the document for a site that is mounted at `prefix`, with `more` schemas that others refer to."""
    kinds = {kind for one in routes.all for kind in (one.gives, one.body) if kind is not None}
    _refs, schemas = msgspec.json.schema_components(
        sorted((*kinds, Problem), key=lambda kind: kind.__name__), ref_template=_PLACE
    )
    paths: dict[str, Schema] = {}
    for route in routes.all:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    told = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": _VERSION, "description": description},
        "servers": [{"url": prefix or "/"}],
        "paths": paths,
        "components": {"schemas": {**schemas, **more}, "securitySchemes": _schemes()},
    }
    return json.dumps(told, separators=(",", ":")).encode()


def _schemes() -> Schema:
    return {
        "key": {"type": "apiKey", "in": "header", "name": KEY_FIELD},
        "session": {"type": "apiKey", "in": "cookie", "name": NAME},
    }


def _operation(route: Route) -> Schema:
    told: Schema = {
        "operationId": f"{route.method.lower()}_{route.path.strip('/').translate(_PLAIN)}",
        "summary": route.summary,
        "description": _needs(route),
        "parameters": _parameters(route),
        "responses": {str(route.status): _success(route)} | {str(one): _refusal(one) for one in _refusals(route)},
        "security": [] if route.permission is PUBLIC else [{"key": []}, {"session": []}],
    }
    if route.body is not None:
        told["requestBody"] = {"required": not route.body_optional, "content": {JSON: {"schema": _ref(route.body)}}}
    return told


_PLAIN = str.maketrans({"/": "_", "-": "_", ".": "_", "{": "", "}": ""})


def _needs(route: Route) -> str:
    if route.permission is PUBLIC:
        return "Needs no credential."
    needed = "Needs any good credential." if route.permission == ANYBODY else f"Needs `{route.permission}`."
    return needed + "".join(_IN_WORDS[name] for name in route.fields)


def _parameters(route: Route) -> list[Schema]:
    named: list[Schema] = []
    if route.has_id:
        named.append({"name": "id", "in": "path", "required": True, "schema": {"type": "string"}})
    named += _of_query(route.query)
    return named


def _of_query(kind: type[Struct]) -> list[Schema]:
    _refs, schemas = msgspec.json.schema_components((kind,), ref_template=_PLACE)
    members: Schema = schemas[kind.__name__].get("properties", {})
    return [{"name": name, "in": "query", "required": False, "schema": _sent(one)} for name, one in members.items()]


def _sent(schema: Schema) -> Schema:
    """Return the schema of what a query can send: it can leave a value out, and cannot send ``null``."""
    kept = {name: value for name, value in schema.items() if name != "default" or value is not None}
    if "enum" in kept:
        kept["enum"] = [one for one in kept["enum"] if one is not None]
    choices = [one for one in kept.pop("anyOf", ()) if one != {"type": "null"}]
    return {**choices[0], **kept} if choices else kept


def _success(route: Route) -> Schema:
    told: Schema = {"description": route.summary}
    if route.tells:
        told["headers"] = {name: {"description": _TOLD[name][0], "schema": _TOLD[name][1]} for name in route.tells}
    if route.gives is not None:
        told["content"] = {JSON: {"schema": _ref(route.gives)}}
    elif route.status == 200:
        told["content"] = {JSON: {"schema": {"type": "object"}}}
    return told


def _refusals(route: Route) -> list[int]:
    found = [422, 429, 503, *(() if route.permission is PUBLIC else (401, 403)), *((404,) if route.has_id else ())]
    if route.body is not None:
        found += (413, 415)
    if "if-match" in route.fields:
        found.append(412)
    return sorted({*found, *((409,) if route.conflicts else ())})


def _refusal(status: int) -> Schema:
    return {"description": _REFUSALS[status], "content": {_PROBLEM: {"schema": _ref(Problem)}}}


def _ref(kind: type[Struct]) -> Schema:
    return {"$ref": _PLACE.format(name=kind.__name__)}
