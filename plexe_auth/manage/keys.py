"""API keys over HTTP: whatever is changed is changed by the principal, and what is another account's is not there."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from msgspec import UNSET

from plexe_auth.errors import InvalidRequest, NotFound
from plexe_auth.manage.precondition import version_asked, version_tag
from plexe_auth.manage.services import Services, who
from plexe_auth.manage.shapes import KeyChange, KeysAsked, NewKey, Rotation
from plexe_auth.manage.shown import Key, KeyList, KeyWithText
from plexe_auth.model.key import APIKey, IssuedKey
from plexe_auth.rows import Row
from plexe_auth.web.answering import json_answer
from plexe_auth.web.route import Asked
from plexe_auth.wire import Header, Response

_NO_STORE: Header = ("cache-control", "no-store")  # also where no gate would say so: a key may stand in it
_ON_THE_WIRE = {"expires_in": "expires_in_days", "overlap": "overlap_hours"}


async def create(services: Services, asked: Asked) -> Response:
    """Make a key, and show it this once."""
    wanted: NewKey = asked.body
    principal = who(asked)
    span = None if wanted.expires_in_days is None else timedelta(days=wanted.expires_in_days)
    with _named_as_on_the_wire():
        issued = await services.keys.create(
            principal.account_id,
            wanted.name,
            wanted.permissions,
            span,
            wanted.allowed_ips or (),
            wanted.rate,
            wanted.metadata,
            by=principal,
            idempotency_key=asked.exchange.fields.get("idempotency-key"),
        )
    return _issued(services, asked, issued)


async def page(services: Services, asked: Asked) -> Response:
    """List the account's keys."""
    wanted: KeysAsked = asked.query
    found = await services.rows.page(who(asked).account_id, wanted.after, wanted.limit, wanted.status)
    now = services.now()
    return json_answer(KeyList([Key.kept(row, now) for row in found.items], found.next))


async def get(services: Services, asked: Asked) -> Response:
    """Show a key."""
    row = await owned(services, asked)
    return json_answer(Key.kept(row, services.now()), ("etag", version_tag(row["version"])), _NO_STORE)


async def update(services: Services, asked: Asked) -> Response:
    """Change what is named."""
    version = await _version(services, asked)
    with _named_as_on_the_wire():
        key = await services.keys.update(asked.id, **_given(asked.body), by=who(asked), if_version=version)
    return _shown(services, key)


async def rotate(services: Services, asked: Asked) -> Response:
    """Make the key that takes this one's place, and show it this once."""
    wanted: Rotation = asked.body
    version = await _version(services, asked)
    overlap = timedelta(hours=wanted.overlap_hours)
    with _named_as_on_the_wire():
        issued = await services.keys.rotate(asked.id, overlap, by=who(asked), if_version=version)
    return _issued(services, asked, issued)


async def revoke(services: Services, asked: Asked) -> Response:
    """End a key for good; doing so again changes nothing."""
    version = await _version(services, asked)
    await services.keys.revoke(asked.id, by=who(asked), if_version=version)
    return Response(204, (_NO_STORE,))


async def owned(services: Services, asked: Asked) -> Row:
    """Return the row of the key that the path names, if it is the principal's account's.

    Raises:
        NotFound: it is not, or there is none.
    """
    row = await services.rows.get(asked.id)
    if row is None or row["account_id"] != who(asked).account_id:
        raise NotFound
    return row


async def _version(services: Services, asked: Asked) -> int | None:
    """Return the version that the key must still have; ``None`` is any."""
    field = asked.exchange.fields.get("if-match")
    return None if field is None else version_asked(field, (await owned(services, asked))["version"])


def _shown(services: Services, key: APIKey) -> Response:
    return json_answer(Key.of(key, services.now()), ("etag", version_tag(key.version)), _NO_STORE)


def _issued(services: Services, asked: Asked, issued: IssuedKey) -> Response:
    place = f"{asked.exchange.prefix}/v1/api-keys/{issued.key.id}"
    headers = (("location", place), ("etag", version_tag(issued.key.version)), _NO_STORE)
    return json_answer(KeyWithText.issued(issued, services.now()), *headers, status=201)


def _given(change: KeyChange) -> Mapping[str, Any]:
    given = {name: getattr(change, name) for name in change.__struct_fields__}
    return {name: value for name, value in given.items() if value is not UNSET}


@contextmanager
def _named_as_on_the_wire() -> Generator[None]:
    """Have a refusal name the field that was sent."""
    try:
        yield
    except InvalidRequest as error:
        name = _ON_THE_WIRE.get(error.field or "")
        if name is None:
            raise
        raise InvalidRequest("This span is too short or too long.", field=name) from None
