"""Tickets are made, and used up in the same commit as what they are good for: of many who use one, one succeeds."""

from collections.abc import Mapping
from contextlib import suppress

from plexe_auth.errors import Conflict, InvalidCredentials
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.ticket import Kind, is_good, new_row, place
from plexe_auth.rows import Change, Delete, Insert, Row, Value, at_most, equal
from plexe_auth.secret import Secret, digest, same
from plexe_auth.world import World

_ATTEMPTS = 32

REFUSED = "This is not valid, or not any more. Please ask for a new one."


async def made(world: World, kind: Kind, whose: str, about: Mapping[str, Value]) -> Secret:
    """Make the only live ticket of that kind for somebody, and return its text.

    Raises:
        Conflict: others make some again and again.
    """
    text = kind.format.make()
    row = new_row(kind, whose, digest(text.reveal().encode()), about, world.now())
    expired = Delete("tickets", (at_most("expires_at", to_microseconds(world.now())),), several=True)
    for _ in range(_ATTEMPTS):
        with suppress(Conflict):  # somebody else has made one at the same instant, and ours takes its place
            await world.store.commit(expired, forgotten(kind, whose), Insert("tickets", row))
            return text
    raise Conflict


async def found(world: World, text: object, *kinds: Kind) -> tuple[Kind, Row]:
    """Return the kind and row of a ticket, with its user along; it is not used up yet.

    Raises:
        InvalidCredentials: it is none of these kinds, or not good any more.
    """
    kind = next((one for one in kinds if one.format.accepts(text)), None)
    if kind is None or not isinstance(text, str):
        raise InvalidCredentials(REFUSED)
    name = digest(text.encode())
    del text
    row = await world.store.get("tickets", "digest", name, along=("user",))
    if row is None or not is_good(row, kind, world.now()) or not same(row["digest"], name):
        raise InvalidCredentials(REFUSED)
    return kind, row


async def burned(world: World, kind: Kind, whose: str, text: bytes) -> bool:
    """Use up somebody's ticket of that kind, and tell whether this was its text; whatever was sent, it is gone.

    Of many who do so at the same time, one is told so.
    """
    row = await world.store.get("tickets", "id", place(kind, whose))
    if row is None or not is_good(row, kind, world.now()):
        return False
    try:
        await world.store.commit(used(row))
    except Conflict:
        return False
    return same(row["digest"], digest(text))


def used(row: Row) -> Change:
    """Return the change that uses a ticket up. Where it is used up already, the commit that holds it is refused."""
    return Delete("tickets", (equal("id", row["id"]), equal("digest", row["digest"])))


def forgotten(kind: Kind, whose: str) -> Change:
    """Return the change that takes somebody's ticket of that kind away, if they have one."""
    return Delete("tickets", (equal("id", place(kind, whose)),), several=True)


def all_forgotten(user_id: str) -> tuple[Change, ...]:
    """Return the changes that take all tickets and challenges of a user away."""
    theirs = (equal("user_id", user_id),)
    return Delete("tickets", theirs, several=True), Delete("challenges", theirs, several=True)
