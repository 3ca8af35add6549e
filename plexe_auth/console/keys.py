"""API keys: listed by their hints, made and rotated with the secret shown once, disabled, and revoked."""

from datetime import timedelta
from typing import Any

from msgspec import Struct

from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import Page, Visit
from plexe_auth.errors import Conflict, InvalidRequest, NotFound
from plexe_auth.model.key import APIKey
from plexe_auth.secret import random_text
from plexe_auth.web.route import Nothing
from plexe_auth.wire import Response

_READ, _MANAGE = "keys:read", "keys:manage"
_STATES = ("active", "disabled", "expired", "revoked")
_ONCE = 32


class Listed(Struct):
    """Which of the keys."""

    after: str | None = None
    status: str | None = None


class NewKey(Struct):
    """What a new key shall be."""

    name: str
    once: str
    access: str = "read"
    permissions: str = ""
    expires_in_days: int | None = None
    allowed_ips: str = ""
    rate: str | None = None


class Rotation(Struct):
    """For how long the old key goes on."""

    overlap_hours: int


class Renaming(Struct):
    """What a key is called."""

    name: str


class Reason(Struct):
    """Why a key is revoked."""

    reason: str = ""


async def page(services: Services, visit: Visit) -> Response:
    """List the account's keys."""
    asked: Listed = visit.query
    found = await services.keys.page(visit.who.account_id, asked.after or None, status=_state(asked.status))
    return services.draw.page("keys.html", visit, keys=found, asked=asked, states=_STATES, now=services.now())


def _state(status: str | None) -> Any:
    if status and status not in _STATES:
        raise InvalidRequest("There is no such state.", field="status")
    return status or None


async def new(services: Services, visit: Visit) -> Response:
    """Show the form for a key. It can be sent once: what it holds names the key that it makes."""
    sent = visit.sent
    once = sent.get("once") or random_text(_ONCE)
    return services.draw.page("key_new.html", visit, once=once, sent=sent)


async def create(services: Services, visit: Visit) -> Response:
    """Make a key, and show it this once; a form that is sent again makes and shows nothing."""
    given: NewKey = visit.form
    asked = {"read": "read", "write": "read write"}.get(given.access, given.permissions)
    span = None if given.expires_in_days is None else timedelta(days=given.expires_in_days)
    try:
        issued = await services.keys.create(
            visit.who.account_id,
            given.name,
            asked,
            span,
            given.allowed_ips.replace(",", " ").split(),
            given.rate,
            by=visit.who,
            idempotency_key=given.once,
        )
    except Conflict as error:
        if error.key_id is None:
            raise
        return redirect(visit.to(f"/keys/{error.key_id}"))
    return services.draw.page("key_made.html", visit, secret=issued.secret, key=issued.key, status=201)


async def show(services: Services, visit: Visit) -> Response:
    """Show a key, but for its text."""
    key = await _owned(services, visit)
    return services.draw.page("key.html", visit, key=key, status_of=key.status(services.now()))


async def rename(services: Services, visit: Visit) -> Response:
    """Call a key something else."""
    key = await _owned(services, visit)
    await services.keys.update(key.id, name=visit.form.name, by=visit.who)
    return redirect(visit.to(f"/keys/{key.id}"))


async def rotate(services: Services, visit: Visit) -> Response:
    """Make the key that takes this one's place, and show it this once; a key is rotated once."""
    key = await _owned(services, visit)
    given: Rotation = visit.form
    issued = await services.keys.rotate(key.id, timedelta(hours=given.overlap_hours), by=visit.who)
    return services.draw.page("key_made.html", visit, secret=issued.secret, key=issued.key, status=201)


async def disable(services: Services, visit: Visit) -> Response:
    """Have a key refused until it is enabled again."""
    key = await _owned(services, visit)
    await services.keys.disable(key.id, by=visit.who)
    return redirect(visit.to(f"/keys/{key.id}"))


async def enable(services: Services, visit: Visit) -> Response:
    """Let a disabled key in again."""
    key = await _owned(services, visit)
    await services.keys.enable(key.id, by=visit.who)
    return redirect(visit.to(f"/keys/{key.id}"))


async def revoke(services: Services, visit: Visit) -> Response:
    """End a key for good."""
    key = await _owned(services, visit)
    await services.keys.revoke(key.id, visit.form.reason, by=visit.who)
    return redirect(visit.to(f"/keys/{key.id}"))


async def _owned(services: Services, visit: Visit) -> APIKey:
    key = await services.keys.get(visit.id)
    if key.account_id != visit.who.account_id:
        raise NotFound
    return key


PAGES = (
    Page("GET", "/keys", _READ, page, query=Listed),
    Page("GET", "/new-key", _MANAGE, new, recent=True),
    Page("POST", "/new-key", _MANAGE, create, form=NewKey, again=new, recent=True),
    Page("GET", "/keys/{id}", _READ, show),
    Page("POST", "/keys/{id}/rename", _MANAGE, rename, form=Renaming, again=show),
    Page("POST", "/keys/{id}/rotate", _MANAGE, rotate, form=Rotation, again=show, recent=True),
    Page("POST", "/keys/{id}/disable", _MANAGE, disable, form=Nothing, again=show),
    Page("POST", "/keys/{id}/enable", _MANAGE, enable, form=Nothing, again=show),
    Page("POST", "/keys/{id}/revoke", _MANAGE, revoke, form=Reason, again=show),
)
