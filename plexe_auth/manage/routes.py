"""Every route of the API: what is not in this table is not there."""

import functools

from plexe_auth.manage import keys, reports
from plexe_auth.manage.services import Services
from plexe_auth.manage.shapes import EntriesAsked, KeyChange, KeysAsked, NewKey, Rotation, UsageAsked
from plexe_auth.manage.shown import EntryList, Key, KeyList, KeyWithText, Me, TotalList
from plexe_auth.manage.told import COMPONENTS
from plexe_auth.web.answering import bytes_answer, tag
from plexe_auth.web.openapi import document
from plexe_auth.web.route import ANYBODY, PUBLIC, Asked, Route, Routes
from plexe_auth.wire import Response

_MOST_MOUNTS = 16
_KEYS, _KEY = "/v1/api-keys", "/v1/api-keys/{id}"
_MANAGE, _READ = "keys:manage", "keys:read"
_MATCH, _ETAG = ("if-match",), ("etag",)
_BORN = ("location", "etag")


async def openapi(_services: Services, asked: Asked) -> Response:
    """Tell this table to machines."""
    data = _document(asked.exchange.prefix)
    name = ("etag", tag(data))
    if asked.exchange.fields.get("if-none-match") == name[1]:
        return Response(304, (name,))
    return bytes_answer(data, name, ("cache-control", "no-cache"))


ROUTES = Routes(
    (
        Route("POST", _KEYS, _MANAGE, keys.create, "Make a key", KeyWithText, 201, body=NewKey,
              fields=("idempotency-key",), tells=_BORN, conflicts=True),
        Route("GET", _KEYS, _READ, keys.page, "List keys, newest first", KeyList, query=KeysAsked),
        Route("GET", _KEY, _READ, keys.get, "Show a key", Key, tells=_ETAG),
        Route("PATCH", _KEY, _MANAGE, keys.update, "Change a key", Key, body=KeyChange, fields=_MATCH, tells=_ETAG,
              conflicts=True),
        Route("DELETE", _KEY, _MANAGE, keys.revoke, "Revoke a key for good", None, 204, fields=_MATCH, conflicts=True),
        Route("POST", f"{_KEY}/rotate", _MANAGE, keys.rotate, "Replace a key by a new one", KeyWithText, 201,
              body=Rotation, body_optional=True, fields=_MATCH, tells=_BORN, conflicts=True),
        Route("GET", "/v1/access-logs", "logs:read", reports.entries, "Read the access log", EntryList,
              query=EntriesAsked),
        Route("GET", "/v1/usage", "usage:read", reports.usage, "Total usage, of at most 366 days or 31 by hour",
              TotalList, query=UsageAsked),
        Route("GET", "/v1/me", ANYBODY, reports.me, "Tell who asks", Me),
        Route("GET", "/openapi.json", PUBLIC, openapi, "This document"),
    )
)  # fmt: skip


@functools.lru_cache(maxsize=_MOST_MOUNTS)
def _document(prefix: str) -> bytes:
    return document(ROUTES, "plexe_auth", "Manage API keys, read the access log, total usage.", prefix, COMPONENTS)
